/**
 * From a line of a console log to the text that Xen printed: without the
 * prefix, the time stamp, terminal control and the amount of blanks.
 */

/** The text of a line, and whether its prefix had to be guessed. */
export interface ConsoleText {
  /** Blanks trimmed and runs of them made one. */
  readonly text: string;
  /** `sound` for `(XEN) `, `damaged` for one wrong letter in it. */
  readonly prefix: 'none' | 'sound' | 'damaged';
}

const PREFIX = '(XEN) ';

/** `(XEN)` with one letter doubled, lost or changed. */
const NEAR_PREFIX = new RegExp(
  [
    String.raw`^(?:\(\(XEN\)|\(XXEN\)|\(XEEN\)|\(XENN\)|\(XEN\)\)|\(XEN\)|`,
    String.raw`XEN\)|\(EN\)|\(XN\)|\(XE\)|\(XEN |`,
    String.raw`[^(]XEN\)|\([^X]EN\)|\(X[^E]N\)|\(XE[^N]\)|\(XEN[^)]) ?`,
  ].join(''),
);

/**
 * `console_timestamps`: a date, the time since boot or the cycle counter.
 * The stamp carries nothing that is needed, so its damage is let through.
 */
const STAMP = /^\[*(?:\d[\d-]{7,11} \d[\d:]{5,9}(?:\.\d{2,4})?| *\d+\.\d{5,7}|[0-9a-f]{16})\]+ ?/;

/** Everything a terminal acts on instead of showing it, except tabs. */
const CONTROL = new RegExp(
  `${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]|[${String.fromCharCode(0)}-${String.fromCharCode(8)}${String.fromCharCode(10)}-${String.fromCharCode(31)}${String.fromCharCode(127)}]`,
  'g',
);
const HAS_CONTROL = new RegExp(CONTROL.source);
const BLANKS = /[ \t]{2,}|\t/g;

const tidy = (text: string): string => text.trim().replace(BLANKS, ' ');

/**
 * The texts on one line of a log. Usually one; two or more when a line end
 * was lost or another writer's line runs into one of Xen's.
 */
export const consoleTexts = (raw: string): readonly ConsoleText[] => {
  // A carriage return inside a line is a line end that lost its other half.
  if (raw.includes('\r')) {
    return raw
      .split(/\r+/)
      .filter((part) => part !== '')
      .flatMap(consoleTexts);
  }
  const clean = HAS_CONTROL.test(raw) ? raw.replace(CONTROL, '') : raw;
  const inner = clean.indexOf(PREFIX, 1);
  // At 1 it is the prefix itself with its first letter doubled.
  if (inner <= 1) return [oneText(clean)];
  const parts: ConsoleText[] = [];
  let rest = clean;
  for (let at = inner; at > 1; at = rest.indexOf(PREFIX, 1)) {
    parts.push(oneText(rest.slice(0, at)));
    rest = rest.slice(at);
  }
  parts.push(oneText(rest));
  return parts.filter((part) => part.text !== '');
};

const oneText = (line: string): ConsoleText => {
  if (line.startsWith(PREFIX)) return { text: tidy(unstamped(line.slice(6))), prefix: 'sound' };
  const near = NEAR_PREFIX.exec(line);
  if (near !== null) {
    const sound = line.startsWith('(XEN)') && line.charAt(5) !== ')';
    const text = tidy(unstamped(line.slice(near[0].length)));
    return { text, prefix: sound ? 'sound' : 'damaged' };
  }
  return { text: tidy(unstamped(line)), prefix: 'none' };
};

const unstamped = (text: string): string =>
  text.charCodeAt(0) === 0x5b || (text.charCodeAt(0) >= 0x30 && text.charCodeAt(0) <= 0x39)
    ? text.replace(STAMP, '')
    : text;
