/** `xen-lu check`: a Live Update of the host of each capture, verified. */
import * as E from 'fp-ts/lib/Either.js';
import { checkCapture, type GuestFile } from '../../check/check-capture.ts';
import type { CheckResult } from '../../check/result.ts';
import { badInputText, checkText } from '../../report/check-text.ts';
import {
  type Command,
  EXIT,
  type Exit,
  flag,
  json,
  text,
  texts,
  usageError,
  worst,
} from '../command.ts';
import { progressOn } from '../progress.ts';

/** `NAME=SAVE`; null: something is missing. A name may hold no "=", a path may. */
const guestFile = (given: string): GuestFile | null => {
  const at = given.indexOf('=');
  const [name, path] = [given.slice(0, at), given.slice(at + 1)];
  return at < 1 || path === '' ? null : { name, path };
};

export const check: Command = {
  details: [
    'Reads each CAPTURE, completes it to a host, runs a Live Update on it',
    'and verifies the result against every invariant.',
    '',
    'CAPTURE is a console log that holds the dumps of the debug keys q, g',
    'and e (as `xl debug-keys q; xl debug-keys g; xl debug-keys e; xl',
    'dmesg` gives it, or a serial log; .xz as well), or a folder with such',
    'a log; output of xl and lsevtchn beside it is used.',
    '',
    'A dump shows no page tables. With --guest the real ones of a guest are',
    'taken from what `xl save` wrote of it (.xz as well), and less has to be',
    'assumed. A guest that cannot be that domain is refused with reasons.',
  ],
  optionHelp: [
    ['--guest N=S', 'domain N (name or domid) is the guest in save stream S;'],
    ['', 'may be given several times'],
    ['--from V', "version of xen#1 (default: the capture's)"],
    ['--to V', "version of xen#2 (default: xen#1's)"],
    ['--json', 'one JSON document; an array for several captures'],
  ],
  options: {
    guest: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (values, captures, io) => {
    if (captures.length === 0) return usageError('check wants at least one capture');
    const guests = texts(values, 'guest').map(guestFile);
    if (guests.includes(null)) return usageError('--guest wants NAME=SAVE');
    if (guests.length > 0 && captures.length > 1)
      return usageError('--guest goes with one capture');
    const asJson = flag(values, 'json');
    const results: CheckResult[] = [];
    const exits: Exit[] = [];
    for (const [i, capture] of captures.entries()) {
      const progress = progressOn(io.terminal, io.clock);
      const [from, to] = [text(values, 'from'), text(values, 'to')];
      const checked = await checkCapture(capture, {
        from,
        to,
        onProgress: progress.tell,
        guests: guests.filter((g) => g !== null),
      });
      progress.done();
      if (E.isLeft(checked)) {
        io.err(badInputText(checked.left));
        exits.push(EXIT.badInput);
        continue;
      }
      results.push(checked.right);
      exits.push(EXIT[checked.right.verdict]);
      if (!asJson) io.out(`${i > 0 ? '\n' : ''}${checkText(checked.right)}`);
    }
    if (asJson) io.out(json(captures.length === 1 ? (results[0] ?? null) : results));
    return worst(exits);
  },
};
