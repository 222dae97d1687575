/** Subjects that come as files: traces, and captures of real hosts. */
import { readFile, stat } from 'node:fs/promises';
import { type Either, isLeft, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import { liveUpdate } from '../../../machines/live-update.ts';
import { loadMutants } from '../../../properties/mutant.ts';
import { importCapture, ownVersion } from '../../check/check-capture.ts';
import { type BadInput, oneProblem } from '../../check/result.ts';
import { type Design, defaultDesign } from '../../design/design.ts';
import { counted } from '../../report/text.ts';
import { playerOf } from '../../search/replay.ts';
import { decodeTrace, isTrace, type Trace } from '../../trace/trace-file.ts';
import type { About } from '../recording/record-trace.ts';
import { captureFacts } from './capture-facts.ts';
import { bugOf, fairEvents, hostText, type Subject, type SubjectOptions } from './subject.ts';

/** Bytes of a trace file; beyond that it is refused. */
const MAX_TRACE_BYTES = 512 * 2 ** 20;

const designText = ({ dropped, policies }: Design): string => {
  const answers = Object.entries(policies).filter(
    ([q, a]) => defaultDesign.policies[q as keyof Design['policies']] !== a,
  );
  const changes = [
    ...dropped.map((r) => `without ${r}`),
    ...answers.map(([q, a]) => `${q} = ${a}`),
  ];
  return changes.length === 0 ? 'the full design' : `a design ${changes.join(', ')}`;
};

const ofTrace = async (path: string, trace: Trace): Promise<Either<string, Subject>> => {
  const player = await playerOf(trace);
  if (isLeft(player)) return player;
  const mutant = (await loadMutants()).find((m) => m.id === trace.mutant);
  const about: About = {
    title: `Trace ${path.split(/[\\/]/).pop() ?? path}`,
    tried: [
      `A recorded run of ${counted(trace.events.length, 'event')}, an update from Xen ` +
        `${trace.from.id} to Xen ${trace.to.id} under ${designText(trace.design)}.`,
      hostText(trace.host),
    ],
    ...(mutant === undefined ? {} : { bug: bugOf(mutant) }),
    commands: [`xen-lu inspect ${path}`, `xen-lu replay ${path}`],
  };
  return right({ trace, machine: player.right.machine, about });
};

const ofCapture = async (
  path: string,
  options: SubjectOptions,
): Promise<Either<BadInput, Subject>> => {
  const imported = await importCapture(path, options.onProgress, options.from);
  if (isLeft(imported)) return imported;
  const { host } = imported.right;
  const from = options.from ?? ownVersion(host);
  if (from === null)
    return left(oneProblem(path, `Xen ${host.xen.build.version} is older than all described`));
  const to = options.to ?? from;
  options.onProgress?.('updating the host');
  const start: Omit<Trace, 'events'> = {
    host,
    from,
    to,
    design: defaultDesign,
    commandLine: 'console=com1',
    build: { ...host.xen.build, version: to.id },
  };
  return right({
    trace: { ...start, events: fairEvents(start) },
    machine: liveUpdate,
    about: {
      title: `A Live Update of the host in ${path.split(/[\\/]/).pop() ?? path}`,
      tried: [
        `The capture of a real host was read and completed to a whole one; then it was updated ` +
          `from Xen ${from.id} to Xen ${to.id} under the full design.`,
        hostText(host),
      ],
      commands: [`xen-lu check ${path} --to ${to.id}`],
      capture: captureFacts(imported.right),
    },
  });
};

/** The JSON of a file that says that it is a trace; null: it is something else. */
const traceJson = async (path: string): Promise<unknown> => {
  if (!path.endsWith('.json')) return null;
  const { size } = await stat(path);
  if (size > MAX_TRACE_BYTES) return null;
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isTrace(json) ? json : null;
  } catch {
    return null;
  }
};

/** The subject of a file or folder: a trace if it says so, else a capture. */
export const ofFile = async (
  path: string,
  options: SubjectOptions,
): Promise<Either<BadInput, Subject>> => {
  const json = await traceJson(path);
  if (json === null) return ofCapture(path, options);
  const trace = decodeTrace(json);
  const found = isLeft(trace) ? trace : await ofTrace(path, trace.right);
  return mapLeft((what: string) => oneProblem(path, what))(found);
};
