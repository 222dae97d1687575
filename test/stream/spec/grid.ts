/** Octet diagrams read back: what the picture says, without the code that drew it. */

export interface DrawnField {
  /** As drawn, without its line breaks and hyphens. */
  readonly label: string;
  /** Octets from the start of the diagram. */
  readonly offset: number;
  readonly octets: number;
}

const CELL = 9;

interface DrawnCell {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** The cells of one row, whose lines all have their bars at the same places. */
const cellsOf = (lines: readonly string[]): DrawnCell[] => {
  const bars = [...(lines[0] ?? '')].flatMap((c, x) => (c === '|' && x % CELL === 0 ? [x] : []));
  return bars.slice(1).map((end, i) => {
    const start = bars[i] as number;
    const label = lines.map((line) => line.slice(start + 1, end).trim()).join('');
    return { label: label.replaceAll('-', ''), from: start / CELL, to: end / CELL };
  });
};

const isBand = (cells: readonly DrawnCell[]): boolean =>
  cells.length === 1 && cells[0]?.to === 8 && /: /.test(cells[0].label);

/** The fields of a diagram up to its first band: there offsets end. */
export const fixedFields = (diagram: readonly string[]): DrawnField[] => {
  const fields: DrawnField[] = [];
  let row: string[] = [];
  let start = 0;
  for (const line of diagram.slice(2)) {
    if (line.startsWith('|')) {
      row.push(line);
      continue;
    }
    const cells = cellsOf(row);
    row = [];
    if (isBand(cells)) break;
    for (const { label, from, to } of cells) {
      const last = fields.at(-1);
      const goesOn = last !== undefined && from === 0 && (label === '...' || last.label === '...');
      if (goesOn) {
        const octets = last.octets + to;
        const name = last.label === '...' ? label : last.label;
        fields[fields.length - 1] = { ...last, label: name, octets };
      } else fields.push({ label, offset: start + from, octets: to - from });
    }
    start += 8;
  }
  return fields;
};
