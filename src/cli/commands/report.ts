/** `xen-lu report`: a run as one self-contained page. */
import { lstat, writeFile } from 'node:fs/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pageOf } from '../../inspect/page-file.ts';
import { record } from '../../inspect/record.ts';
import { badInputText } from '../../report/check-text.ts';
import { wrap } from '../../report/text.ts';
import { type Command, EXIT, flag, text, usageError } from '../command.ts';
import { versionsOf } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

/** Whether something of this name is there, a link to nowhere too. */
const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

export const report: Command = {
  details: [
    'Plays TRACE (a trace file), the update of a CAPTURE, or a scenario or',
    'scope by its id (S1, mixed), and writes what happened as one HTML file:',
    'statecharts, lanes, memory, links, invariants, step by step.',
    '',
    'A file that is there already is kept, unless --force is given.',
  ],
  optionHelp: [
    ['-o PAGE.html', 'where to write'],
    ['--force', 'write over a file that is there'],
    ['--from V', "version of xen#1, for a capture (default: the capture's)"],
    ['--to V', "version of xen#2, for a capture (default: xen#1's)"],
  ],
  options: {
    output: { type: 'string', short: 'o' },
    force: { type: 'boolean' },
    from: { type: 'string' },
    to: { type: 'string' },
  },
  run: async (values, [name, ...more], io) => {
    const file = text(values, 'output');
    if (name === undefined || more.length > 0) return usageError('report wants one TRACE');
    if (file === undefined) return usageError('report wants -o PAGE.html');
    const versions = versionsOf(values);
    if (isLeft(versions)) return usageError(versions.left);
    const failed = (what: string) => {
      io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
      return EXIT.badInput;
    };
    const taken = `${file} is there already; --force writes over it`;
    // Before the run, which takes its time, and once more when writing.
    if (!flag(values, 'force') && (await isThere(file))) return failed(taken);
    const progress = progressOn(io.terminal, io.clock);
    const made = await record(name, { ...versions.right, onProgress: progress.tell });
    progress.done();
    if (isLeft(made)) {
      io.err(badInputText(made.left));
      return EXIT.badInput;
    }
    const page = await pageOf(made.right);
    if (isLeft(page)) return failed(page.left);
    try {
      await writeFile(file, page.right, { flag: flag(values, 'force') ? 'w' : 'wx' });
    } catch (e) {
      const { code, message } = e as NodeJS.ErrnoException;
      return failed(code === 'EEXIST' ? taken : message);
    }
    const { story, steps } = made.right;
    io.out(
      wrap(`${file}: ${steps.length - 1} steps, ${story.verdict}. ${story.outcome}`).join('\n'),
    );
    return EXIT.holds;
  },
};
