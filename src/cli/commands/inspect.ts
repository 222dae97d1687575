/** `xen-lu inspect`: a run to look at, in a browser. */
import { type Either, isLeft, map, right } from 'fp-ts/lib/Either.js';
import { pageOf } from '../../inspect/page-file.ts';
import { recordSubject } from '../../inspect/record.ts';
import { servePage } from '../../inspect/server.ts';
import { collectEvents } from '../../inspect/stately/collect.ts';
import { hostedPage, STATELY } from '../../inspect/stately/hosted-page.ts';
import { publishTo } from '../../inspect/stately/websocket.ts';
import { findSubject } from '../../inspect/subjects/find-subject.ts';
import type { Subject, SubjectOptions } from '../../inspect/subjects/subject.ts';
import { badInputText } from '../../report/check-text.ts';
import { wrap } from '../../report/text.ts';
import { type Command, EXIT, type Exit, flag, type Io, text, usageError } from '../command.ts';
import { versionsOf } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

const MAX_PORT = 65_535;

/** The port that was asked for, 0: any; null: no port. */
const portOf = (given: string | undefined): number | null => {
  if (given === undefined) return 0;
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  return port <= MAX_PORT ? port : null;
};

const failed = (what: string, io: Io): Exit => {
  io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
  return EXIT.badInput;
};

/** A page to be served: what to say of it, and where in it to begin. */
interface Shown {
  readonly page: string;
  readonly says: string;
  readonly anchor: string;
}

const own = async (subject: Subject, options: SubjectOptions): Promise<Either<string, Shown>> => {
  const { story, ...rest } = await recordSubject(subject, options);
  const page = await pageOf({ story, ...rest });
  const anchor = story.at === null ? '' : `#step=${story.at}&view=lanes`;
  return map((made: string) => ({ page: made, says: story.outcome, anchor }))(page);
};

const hosted = ({ trace, machine }: Subject): Either<string, Shown> =>
  right({
    page: hostedPage(collectEvents(trace, machine)),
    says: `This page loads ${STATELY}; without a network it stays empty.`,
    anchor: '',
  });

const serve = async ({ page, says, anchor }: Shown, port: number, io: Io): Promise<Exit> => {
  const serving = await servePage(page, port);
  if (isLeft(serving)) return failed(serving.left, io);
  io.out(wrap(says).join('\n'));
  io.out(`${serving.right.url}${anchor}`);
  io.out('Ctrl-C ends it.');
  await interrupted();
  await serving.right.close();
  return EXIT.holds;
};

const publish = async (url: string, { trace, machine }: Subject, io: Io): Promise<Exit> => {
  const published = await publishTo(url, trace, machine);
  if (isLeft(published)) return failed(published.left, io);
  io.out(`${published.right} events published to ${url}`);
  return EXIT.holds;
};

/** Until Ctrl-C, or until whoever started us ends us. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

export const inspect: Command = {
  details: [
    'Plays a scenario or scope by its id (S1, mixed), a trace file, or the',
    'update of a capture, and serves a page that shows it: statecharts,',
    'lanes, memory, links, invariants. The page is served to this machine',
    'only and asks no other for anything. Ctrl-C ends it.',
    '',
    'With --stately the run is shown by the inspector that Stately hosts,',
    'and with --websocket it is published to one that is running already.',
    '',
    'Without a name: the whole update of a small host.',
  ],
  optionHelp: [
    ['--port N', 'the port to listen on (default: any that is free)'],
    ['--stately', 'serve a page around https://stately.ai/inspect instead'],
    ['--websocket URL', 'publish to a Stately inspector server, and end'],
    ['--from V', "version of xen#1, for a capture (default: the capture's)"],
    ['--to V', "version of xen#2, for a capture (default: xen#1's)"],
  ],
  options: {
    port: { type: 'string' },
    stately: { type: 'boolean' },
    websocket: { type: 'string' },
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
    const options = { ...versions.right, onProgress: progress.tell };
    const subject = await findSubject(name, options);
    if (isLeft(subject)) {
      progress.done();
      io.err(badInputText(subject.left));
      return EXIT.badInput;
    }
    const websocket = text(values, 'websocket');
    if (websocket !== undefined) {
      progress.done();
      return publish(websocket, subject.right, io);
    }
    const shown = flag(values, 'stately')
      ? hosted(subject.right)
      : await own(subject.right, options);
    progress.done();
    return isLeft(shown) ? failed(shown.left, io) : serve(shown.right, port, io);
  },
};
