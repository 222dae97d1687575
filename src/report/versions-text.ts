/** The matrix of versions in words: a table, then every reason once. */
import type { Uncarried, VersionCell, VersionMatrix } from '../check/versions.ts';
import { counted, wrap } from './text.ts';

const COLUMN = 9;

/** "14": all carried; "13 r1": one refused besides; "12 L2": two lost. */
const cellText = ({ carried, refused, lost }: VersionCell): string =>
  [
    `${carried.length}`,
    ...(refused.length > 0 ? [`r${refused.length}`] : []),
    ...(lost.length > 0 ? [`L${lost.length}`] : []),
  ].join(' ');

const row = (first: string, cells: readonly string[]): string =>
  `${first.padEnd(COLUMN)}${cells.map((c) => c.padStart(COLUMN)).join('')}`.trimEnd();

/** Each host and reason once, with the pairs that it concerns. */
const reasonLines = (
  m: VersionMatrix,
  title: string,
  of: (cell: VersionCell) => readonly Uncarried[],
): string[] => {
  const pairs = new Map<string, VersionCell[]>();
  for (const cell of m.cells)
    for (const { host, reasons } of of(cell)) {
      const key = `${host}: ${reasons.join('; ')}`;
      pairs.set(key, [...(pairs.get(key) ?? []), cell]);
    }
  if (pairs.size === 0) return [];
  const where = (cells: readonly VersionCell[]): string => {
    if (cells.length === m.cells.length) return 'all pairs';
    const list = (ids: readonly string[]): string => [...new Set(ids)].join(' ');
    return `from ${list(cells.map((c) => c.from))} to ${list(cells.map((c) => c.to))}`;
  };
  return [
    '',
    title,
    ...[...pairs].flatMap(([what, cells]) => wrap(`  - ${what} (${where(cells)})`, 4)),
  ];
};

export const versionsText = (m: VersionMatrix): string => {
  const runs = m.cells.reduce((n, c) => n + c.carried.length + c.refused.length + c.lost.length, 0);
  const lost = m.cells.reduce((n, c) => n + c.lost.length, 0);
  return [
    'Updates between versions: hosts carried, rN refused, LN lost',
    '',
    row('from \\ to', m.versions),
    ...m.versions.map((from) => row(from, m.cells.filter((c) => c.from === from).map(cellText))),
    ...reasonLines(m, 'Refused before the point of no return', (c) => c.refused),
    ...reasonLines(m, 'LOST', (c) => c.lost),
    '',
    ...wrap(`Hosts: ${m.hosts.map((h) => h.name).join(', ')}.`, 7),
    `${counted(runs, 'update')}, ${lost === 0 ? 'nothing lost' : `${lost} LOST`}.`,
  ].join('\n');
};
