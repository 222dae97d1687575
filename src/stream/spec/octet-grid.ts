/**
 * Octet diagrams: eight octets a row, a cell for each field. What varies in
 * length is a band over the whole width; behind it counting begins anew.
 */

/** What is drawn, in the order of the bytes. */
export type Element =
  | { readonly kind: 'octets'; readonly label: string; readonly octets: number }
  | { readonly kind: 'band'; readonly label: string };

const PER_ROW = 8;
/** Columns of one octet, with one border: eight of them and the last border make 73. */
const CELL = 9;

/** A field's part of a row: octets [from, to). */
interface Cell {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

type Row = readonly Cell[];

/** A field in the pieces that rows leave of it; the largest bears the name. */
const piecesOf = (label: string, octets: number, at: number): Cell[] => {
  const pieces: { from: number; to: number }[] = [];
  for (let from = at, left = octets; left > 0; from = 0) {
    const to = Math.min(PER_ROW, from + left);
    pieces.push({ from, to });
    left -= to - from;
  }
  const largest = Math.max(...pieces.map((p) => p.to - p.from));
  const named = pieces.findIndex((p) => p.to - p.from === largest);
  return pieces.map((p, i) => ({ ...p, label: i === named ? label : '...' }));
};

const rowsOf = (elements: readonly Element[]): Row[] => {
  const rows: Cell[][] = [];
  let at = PER_ROW;
  for (const element of elements) {
    if (element.kind === 'band') {
      rows.push([{ from: 0, to: PER_ROW, label: element.label }]);
      at = PER_ROW;
      continue;
    }
    for (const cell of piecesOf(element.label, element.octets, at % PER_ROW)) {
      if (cell.from === 0) rows.push([]);
      rows[rows.length - 1]?.push(cell);
      at = cell.to;
    }
  }
  return rows;
};

/** Where a label may be broken: at spaces, before capitals, behind dots. */
const BREAKS = /(?<= )|(?<=[a-z0-9])(?=[A-Z])|(?<=\.)/;

/** A label in lines of at most `width` columns. */
const labelLines = (label: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const piece of label.split(BREAKS)) {
    if (line !== '' && (line + piece).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
    while (line.trimEnd().length > width) {
      lines.push(`${line.slice(0, width - 1)}-`);
      line = line.slice(width - 1);
    }
  }
  lines.push(line.trimEnd());
  return lines;
};

const widthOf = (cell: Cell): number => (cell.to - cell.from) * CELL - 1;

/** A cell's lines; with a space in front where the longest leaves room for it. */
const cellLines = (cell: Cell): string[] => {
  const width = widthOf(cell);
  const lines = labelLines(cell.label, width);
  const lead = lines.every((line) => line.length < width) ? ' ' : '';
  return lines.map((line) => (lead + line).padEnd(width));
};

const drawRow = (row: Row): string[] => {
  const cells = row.map(cellLines);
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from(
    { length: height },
    (_, i) => `|${row.map((cell, n) => `${cells[n]?.[i] ?? ' '.repeat(widthOf(cell))}|`).join('')}`,
  );
};

/** The line between two rows, or above the first and below the last. */
const border = (above: Row, below: Row): string => {
  const both = [...above, ...below];
  const end = Math.max(...both.map((cell) => cell.to)) * CELL;
  const corners = new Set(both.flatMap((cell) => [cell.from * CELL, cell.to * CELL]));
  return Array.from({ length: end + 1 }, (_, x) => (corners.has(x) ? '+' : '-')).join('');
};

const ruler = (row: Row): string => {
  const octets = Math.max(...row.map((cell) => cell.to));
  return Array.from({ length: octets }, (_, n) => String(n).padStart(n === 0 ? 5 : CELL)).join('');
};

/** The diagram's lines, at most 73 columns; none for a body without bytes. */
export const drawOctets = (elements: readonly Element[]): string[] => {
  const rows = rowsOf(elements);
  const widest = rows.toSorted((a, b) => (b.at(-1)?.to ?? 0) - (a.at(-1)?.to ?? 0))[0];
  if (widest === undefined) return [];
  return [
    ruler(widest),
    border([], rows[0] ?? []),
    ...rows.flatMap((row, i) => [...drawRow(row), border(row, rows[i + 1] ?? [])]),
  ];
};
