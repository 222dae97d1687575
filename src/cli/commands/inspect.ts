/** `xen-lu inspect`: a run to look at, in a browser. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { pageOf } from '../../inspect/page-file.ts';
import { record } from '../../inspect/record.ts';
import { servePage } from '../../inspect/server.ts';
import { badInputText } from '../../report/check-text.ts';
import { wrap } from '../../report/text.ts';
import { type Command, EXIT, text, usageError } from '../command.ts';
import { versionsOf } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

const MAX_PORT = 65_535;

/** The port that was asked for, 0: any; null: no port. */
const portOf = (given: string | undefined): number | null => {
  if (given === undefined) return 0;
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  return port <= MAX_PORT ? port : null;
};

/** Until Ctrl-C, or until whoever started us ends us. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

export const inspect: Command = {
  name: 'inspect',
  synopsis: 'xen-lu inspect [SCOPE|TRACE|CAPTURE] [--port N] [--from V] [--to V]',
  summary: 'look at a run in a browser, step by step',
  details: [
    'Plays a scenario or scope by its id (S1, mixed), a trace file, or the',
    'update of a capture, and serves a page that shows it: statecharts,',
    'lanes, memory, links, invariants. The page is served to this machine',
    'only and asks no other for anything. Ctrl-C ends it.',
    '',
    'Without a name: the whole update of a small host.',
  ],
  optionHelp: [
    ['--port N', 'the port to listen on (default: any that is free)'],
    ['--from V', "version of xen#1, for a capture (default: the capture's)"],
    ['--to V', "version of xen#2, for a capture (default: xen#1's)"],
  ],
  options: {
    port: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
  },
  run: async (values, [name, ...more], io) => {
    if (more.length > 0) return usageError('inspect wants one name at most');
    const port = portOf(text(values, 'port'));
    if (port === null) return usageError('--port wants a number up to 65535');
    const versions = versionsOf(values);
    if (isLeft(versions)) return usageError(versions.left);
    const progress = progressOn(io.terminal, io.clock);
    const made = await record(name, { ...versions.right, onProgress: progress.tell });
    progress.done();
    if (isLeft(made)) {
      io.err(badInputText(made.left));
      return EXIT.badInput;
    }
    const failed = (what: string) => {
      io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
      return EXIT.badInput;
    };
    const page = await pageOf(made.right);
    if (isLeft(page)) return failed(page.left);
    const serving = await servePage(page.right, port);
    if (isLeft(serving)) return failed(serving.left);
    const { at } = made.right.story;
    const anchor = at === null ? '' : `#step=${at}&view=lanes`;
    io.out(wrap(made.right.story.outcome).join('\n'));
    io.out(`${serving.right.url}${anchor}`);
    io.out('Ctrl-C ends it.');
    await interrupted();
    await serving.right.close();
    return EXIT.holds;
  },
};
