/** Text for people: nothing is wider than 75 columns, so that it fits a mail. */

export const WIDTH = 75;

/**
 * Breaks a text at blanks so that no line exceeds `width`; lines after the
 * first start with `indent` blanks. A word longer than a line is cut.
 */
export const wrap = (text: string, indent = 0, width = WIDTH): string[] => {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  let line = '';
  const room = (): number => (lines.length === 0 ? width : width - indent);
  const flush = (): void => {
    lines.push((lines.length === 0 ? '' : pad) + line);
    line = '';
  };
  for (let word of text.split(/ /)) {
    if (line !== '' && line.length + 1 + word.length > room()) flush();
    while (word.length > room()) {
      if (line !== '') flush();
      line = word.slice(0, room());
      word = word.slice(line.length);
      flush();
    }
    line = line === '' && lines.length > 0 ? word : line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) flush();
  return lines;
};

/** A label in a column of its own, the text wrapped beside it. */
export const labelled = (label: string, text: string, column = 12): string[] =>
  wrap(`${label.padEnd(column - 1)} ${text}`.trimEnd(), column);

/** 1234567 -> "1,234,567". */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** "1 page", "2 pages". */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;
