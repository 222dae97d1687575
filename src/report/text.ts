/** Text for people: nothing is wider than 75 columns, so that it fits a mail. */

export const WIDTH = 75;

/**
 * Breaks a text at blanks so that no line exceeds `width`; lines after the
 * first start with `indent` blanks. Blanks inside a line stay as they are, so
 * columns do too. A word longer than a line is cut.
 */
export const wrap = (text: string, indent = 0, width = WIDTH): string[] => {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  let line = '';
  for (const token of text.match(/\s*\S+/g) ?? []) {
    if (line.length + token.length <= width) {
      line += token;
      continue;
    }
    let word = token.trimStart();
    if (line.trim() !== '') lines.push(line);
    // What does not fit a line of its own either is cut.
    for (line = pad + word; line.length > width; line = pad + word) {
      lines.push(line.slice(0, width));
      word = line.slice(width);
    }
  }
  return [...lines, line];
};

/** A label in a column of its own, the text wrapped beside it. */
export const labelled = (label: string, text: string, column = 12): string[] =>
  wrap(`${label.padEnd(column - 1)} ${text}`.trimEnd(), column);

/** 1234567 -> "1,234,567". */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** "1 page", "2 pages". */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;
