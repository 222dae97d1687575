/** The memory of the host: whose it is, what xen#2 may write, what it wrote. */
import { useState } from 'preact/hooks';
import type { FrameKind, Run } from '../../inspect/recording/recording.ts';
import { type CellOf, cellsOf, conflictsOf, totalsOf } from './memory-cells.ts';
import type { ViewProps } from './props.ts';

const COLUMNS = 48;
const ROWS = 18;
const SIZE = 12;
/** Ranges of one kind that are told in words. */
const RANGES = 12;

const hex = (n: number): string => `0x${n.toString(16)}`;

export const toneOf = (kind: FrameKind | undefined): string =>
  kind === undefined
    ? 'reserved'
    : kind.domid === undefined
      ? kind.tone
      : `domain hue-${kind.domid % 8}${kind.name.includes('left') ? ' left' : ''}`;

const placeOf = (i: number): readonly [x: number, y: number] => [
  (i % COLUMNS) * SIZE,
  Math.floor(i / COLUMNS) * SIZE,
];

/** One path for all cells that xen#2 may write, one for all that it wrote: two elements in all. */
const marksOf = (cells: readonly CellOf[]): { readonly may: string; readonly wrote: string } => {
  let may = '';
  let wrote = '';
  for (const [i, cell] of cells.entries()) {
    const [x, y] = placeOf(i);
    const [right, bottom] = [x + SIZE - 1, y + SIZE - 1];
    if (cell.may) may += `M${x} ${bottom}L${right} ${y}`;
    if (cell.wrote) wrote += `M${x + 3.5} ${y + 3.5}h4v4h-4z`;
  }
  return { may, wrote };
};

const CellBox = ({
  cell,
  i,
  kind,
  mark,
}: {
  readonly cell: CellOf;
  readonly i: number;
  readonly kind: FrameKind | undefined;
  readonly mark: string;
}) => {
  const [x, y] = placeOf(i);
  const text = `frames ${hex(cell.start)} to ${hex(cell.start + cell.count - 1)}: ${kind?.name ?? ''}${cell.may ? '; xen#2 may write here' : ''}${cell.wrote ? '; xen#2 wrote here' : ''}`;
  return (
    <rect class={`cell ${toneOf(kind)}${mark}`} x={x} y={y} width={SIZE - 1} height={SIZE - 1}>
      <title>{text}</title>
    </rect>
  );
};

const rangesText = (runs: readonly Run[], kind: number): string => {
  const of = runs.filter((r) => r[2] === kind);
  const text = of
    .slice(0, RANGES)
    .map(([start, count]) => (count === 1 ? hex(start) : `${hex(start)}-${hex(start + count - 1)}`))
    .join(', ');
  return of.length > RANGES ? `${text} and ${of.length - RANGES} more ranges` : text;
};

export const MemoryView = ({ recording, player, step }: ViewProps) => {
  const [picked, setPicked] = useState<number | null>(null);
  const [use, may, wrote] = [player.runs('use'), player.runs('may'), player.runs('wrote')];
  const { kinds, frames, jump } = recording;
  const cells = cellsOf(frames, kinds, { use, may, wrote }, COLUMNS * ROWS);
  const conflicts = conflictsOf(kinds, use, wrote);
  const isConflict = (cell: CellOf): boolean =>
    conflicts.some((c) => c.start < cell.start + cell.count && cell.start < c.start + c.count);
  const marks = marksOf(cells);
  const totals = totalsOf(use);
  const rows = Math.ceil(cells.length / COLUMNS);
  const [first] = cells;
  const after = jump !== null && step >= jump;
  return (
    <div class="memory">
      <p class="hint">
        {frames.toLocaleString('en')} frames of 4 KiB, {first?.count ?? 1} in each square, lowest
        first.{' '}
        {after
          ? 'xen#2 runs: until it has read the stream it knows nobody’s pages, and the map shows what xen#1 left.'
          : 'xen#1 runs: the map is its own knowledge.'}
      </p>
      {conflicts.length > 0 && (
        <div class="alert" role="status">
          <b>xen#2 wrote over memory that is still needed:</b>
          <ul>
            {conflicts.slice(0, RANGES).map((c) => (
              <li key={`${c.start} ${c.by}`}>
                {hex(c.start)} to {hex(c.start + c.count - 1)} ({c.count} frames) of {c.owner}:{' '}
                {c.by}
              </li>
            ))}
          </ul>
        </div>
      )}
      <svg
        class="map"
        viewBox={`0 0 ${COLUMNS * SIZE} ${rows * SIZE}`}
        role="img"
        aria-label="Memory map; the list below says the same"
      >
        {cells.map((cell, i) => (
          <CellBox
            key={cell.start}
            cell={cell}
            i={i}
            kind={kinds[cell.kind]}
            mark={
              isConflict(cell) ? ' conflict' : picked !== null && cell.kind !== picked ? ' dim' : ''
            }
          />
        ))}
        <path class="may" d={marks.may} />
        <path class="wrote" d={marks.wrote} />
      </svg>
      <ul class="legend">
        {[...totals].map(([kind, count]) => (
          <li key={kind}>
            <button
              type="button"
              aria-pressed={picked === kind}
              onClick={() => setPicked(picked === kind ? null : kind)}
            >
              <span class={`swatch ${toneOf(kinds[kind])}`} aria-hidden="true" />
              {kinds[kind]?.name} <small>{count.toLocaleString('en')} frames</small>
            </button>
            {picked === kind && <span class="ranges">{rangesText(use, kind)}</span>}
          </li>
        ))}
        <li>
          <span class="swatch line" aria-hidden="true" /> crossed: xen#2 may write{' '}
          <small>
            {[...totalsOf(may).values()].reduce((a, b) => a + b, 0).toLocaleString('en')} frames
          </small>
        </li>
        <li>
          <span class="swatch point" aria-hidden="true" /> point: xen#2 wrote{' '}
          <small>
            {[...totalsOf(wrote).values()].reduce((a, b) => a + b, 0).toLocaleString('en')} frames
          </small>
        </li>
      </ul>
    </div>
  );
};
