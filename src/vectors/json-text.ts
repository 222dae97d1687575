/** JSON for people and for diff: whatever fits in a line stands in one. */

/** Columns of a line; a value that has no inner parts may be longer. */
const COLUMNS = 75;
/** Items of a list up to this length share a line: frame numbers, runs of a table. */
const SHORT = 24;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Short items with commas between them, as many in a line as have room. */
const filled = (items: readonly string[], indent: number): string[] => {
  const rows: string[] = [];
  for (const item of items) {
    const row = rows.at(-1);
    if (row !== undefined && indent + row.length + item.length + 2 < COLUMNS)
      rows[rows.length - 1] = `${row},${item}`;
    else rows.push(item);
  }
  return rows;
};

const rowsOf = (value: object, indent: number): string[] => {
  if (!Array.isArray(value))
    return Object.entries(value).map(([key, item]) => {
      const name = `${JSON.stringify(key)}: `;
      return name + lines(item, indent, name.length);
    });
  const flat = value.map((item) => JSON.stringify(item));
  return flat.every((text) => text.length <= SHORT)
    ? filled(flat, indent)
    : value.map((item) => lines(item, indent, 0));
};

const lines = (value: unknown, indent: number, lead: number): string => {
  const flat = JSON.stringify(value);
  if (!isObject(value) || indent + lead + flat.length < COLUMNS) return flat;
  const at = ' '.repeat(indent + 2);
  const rows = rowsOf(value, indent + 2).map((row) => at + row);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${rows.join(',\n')}\n${' '.repeat(indent)}${close}`;
};

/** A JSON value as text, with a newline at its end; the same value gives the same text. */
export const jsonText = (value: unknown): string => `${lines(value, 0, 0)}\n`;
