/**
 * Lines that other dumps of the same host show, for choosing between the
 * readings of a damaged line. They are of other moments, so they never
 * overrule a sound line.
 */
import type { Dump } from './dumps.ts';

/** Keys made by `elsewhereKey`. */
export type Elsewhere = ReadonlySet<string>;

const HEADING =
  /^(?:General information for domain |Event channel information for domain |grant-table for remote d)(\d+)/;
const PORT_STATE = /^(\d+) \[[^\]]*\]/;

/** What a line of a domain's part of a dump is remembered as. */
export const elsewhereKey = (dumpKey: string, domid: number, text: string): string =>
  `${dumpKey}|${domid}|${text.replace(PORT_STATE, '$1')}`;

/** Remembers the lines of dumps, by key and domain. */
export const elsewhereOf = (dumps: Iterable<Dump>): Elsewhere => {
  const found = new Set<string>();
  for (const dump of dumps) {
    let domid: number | undefined;
    for (const { text } of dump.lines) {
      const heading = HEADING.exec(text);
      if (heading?.[1] !== undefined) domid = Number(heading[1]);
      if (domid !== undefined) found.add(elsewhereKey(dump.key, domid, text));
    }
  }
  return found;
};
