/** `xen-lu lint`: the records of a stream, and every rule that it breaks. */
import * as E from 'fp-ts/lib/Either.js';
import { lintFile } from '../../check/lint-file.ts';
import { badInputText } from '../../report/check-text.ts';
import { lintText } from '../../stream/lint/text.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';

export const lint: Command = {
  details: [
    'Goes through a stream as xl, libxl or libxc write it (versions 2 and',
    '3), or through a Live Update stream; .xz as well. Lists the records in',
    'order with byte offset, length and meaning, then every fault with the',
    'offset, the record and the rule broken. Offsets are those of the',
    'decompressed stream. Optional records that are not known are passed',
    'over, mandatory ones are errors.',
    '',
    'Ends with 1 when a reader has to refuse the stream, with 2 when the',
    'file cannot be read or is no such stream.',
  ],
  optionHelp: [['--json', 'the report as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, [stream, ...more], io) => {
    if (stream === undefined || more.length > 0) return usageError('lint wants one stream');
    const linted = await lintFile(stream);
    if (E.isLeft(linted)) {
      io.err(badInputText(linted.left));
      return EXIT.badInput;
    }
    const report = linted.right;
    io.out(flag(values, 'json') ? json({ stream, ...report }) : lintText(report).trimEnd());
    if (report.format === 'unknown') return EXIT.badInput;
    return report.errors > 0 ? EXIT.violated : EXIT.holds;
  },
};
