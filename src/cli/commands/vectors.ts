/** `xen-lu vectors`: golden vectors for whoever implements Live Update elsewhere. */
import * as E from 'fp-ts/lib/Either.js';
import { wrap } from '../../report/text.ts';
import { writeVectors } from '../../vectors/write-vectors.ts';
import { type Command, EXIT, usageError } from '../command.ts';

export const vectors: Command = {
  details: [
    'Writes into DIR, for each vector, the host as JSON, the stream that',
    'xen#1 makes of it, and the host as xen#2 has restored it; a README and',
    'SHA256SUMS beside them. The same bytes at every run.',
    '',
    'A file that is there already is never written over: unless it holds the',
    'same bytes, nothing is written and the exit status is 2.',
  ],
  optionHelp: [],
  options: {},
  run: async (_values, [dir, ...more], io) => {
    if (dir === undefined || more.length > 0) return usageError('vectors wants one folder');
    const written = writeVectors(dir);
    if (E.isLeft(written)) {
      io.err(wrap(`xen-lu: ${dir}: ${written.left}`, 8).join('\n'));
      return EXIT.badInput;
    }
    io.out(wrap(`${written.right.length} files in ${dir}; start with README.md`).join('\n'));
    return EXIT.holds;
  },
};
