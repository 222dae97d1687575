/** Text of a fixed width. */

/** Columns of a line, as in mail to xen-devel. */
export const COLUMNS = 75;

/**
 * Lines of at most `width` columns, broken at spaces; a word that is longer
 * stands alone on its line. The first line begins with `first`, the others
 * with as many spaces, or with `rest`.
 */
export const wrap = (
  text: string,
  width: number = COLUMNS,
  first = '',
  rest: string = ' '.repeat(first.length),
): string[] => {
  const lines: string[] = [];
  let line = '';
  const lead = (): string => (lines.length === 0 ? first : rest);
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lead().length + longer.length > width) {
      lines.push(lead() + line);
      line = word;
    } else line = longer;
  }
  if (line !== '' || lines.length === 0) lines.push((lead() + line).trimEnd());
  return lines;
};

/** A paragraph of at most `COLUMNS` columns. */
export const paragraph = (text: string): string => wrap(text).join('\n');

/** An item of a list, its further lines below its text. */
export const bullet = (text: string): string => wrap(text, COLUMNS, '- ').join('\n');
