/**
 * What `inspect` and `report` can be asked for, as a trace to be recorded: a
 * trace file, a scenario or scope by its id, or a capture, whose update is
 * run once in the order of the fair scheduler.
 */
import { readFile, stat } from 'node:fs/promises';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios, type Scenario } from '../../properties/scenario.ts';
import { importCapture, ownVersion } from '../check/check-capture.ts';
import type { BadInput } from '../check/result.ts';
import { oneProblem } from '../check/result.ts';
import { type Design, defaultDesign } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import type { Host } from '../host/host.ts';
import { counted } from '../report/text.ts';
import { GENERAL, type Scope } from '../search/general-scopes.ts';
import type { SearchRequest } from '../search/request.ts';
import { designOf, requestOf } from '../search/scenario-search.ts';
import { search } from '../search/search.ts';
import { runUpdate } from '../trace/run-update.ts';
import { decodeTrace, isTrace, type Trace } from '../trace/trace-file.ts';
import type { WorldEvent } from '../world/world.ts';
import { captureFacts } from './capture-facts.ts';
import type { About } from './recording/record-trace.ts';

export interface Subject {
  readonly trace: Trace;
  readonly about: About;
}

export interface SubjectOptions {
  /** Versions for a capture, by id. */
  readonly from?: XenVersion;
  readonly to?: XenVersion;
  readonly onProgress?: (what: string) => void;
}

/** Bytes of a trace file; beyond that it is refused. */
const MAX_TRACE_BYTES = 512 * 2 ** 20;

const DEFAULT_SCOPE = 'mixed';

const hostText = (host: Host): string => {
  const domains = numericEntries(host.xen.domains).map(([id, d]) => {
    const life = d.dying === 'alive' ? '' : `, ${d.dying}`;
    return `d${id} (${d.type.toUpperCase()}, ${counted(d.vcpus.length, 'vCPU')}${life})`;
  });
  return `The host runs Xen ${host.xen.build.version} with ${domains.join(', ')}.`;
};

/** The update of a host as the fair scheduler has it, from the image load to its end. */
const fairEvents = (start: Omit<Trace, 'events'>): WorldEvent[] => {
  const events: WorldEvent[] = [];
  runUpdate(start, ({ event }) => events.push(event));
  return events;
};

const startOf = ({ start, design }: SearchRequest): Omit<Trace, 'events'> => ({
  host: start.host,
  from: start.from,
  to: start.to,
  design,
  commandLine: start.commandLine ?? 'console=com1',
  build: { ...start.host.xen.build, ...start.image, version: start.to.id },
});

const foundBy = (s: Scenario, steps: number): string =>
  `This is the shortest run in which it goes wrong, ${counted(steps, 'step')}, found by searching ` +
  `every order of what the guests, dom0 and the update could do${s.order === 'fair' ? ', with a fair scheduler' : ''}.`;

const ofScenario = async (s: Scenario): Promise<Subject> => {
  const request = requestOf(s, designOf(s), await loadInvariants());
  const found = search(s.violates === null ? request : { ...request, until: s.violates });
  const start = startOf(request);
  const violated = found.trace.length > 0;
  const events = violated ? found.trace : fairEvents(start);
  return {
    trace: { ...start, events },
    about: {
      title: `${s.id}: ${s.title}`,
      tried: [
        s.says,
        hostText(start.host),
        violated
          ? foundBy(s, events.length)
          : 'Nothing breaks here: every order of events was searched. This is the fair run.',
      ],
      sources: s.sources.filter((id) => id !== s.id),
      ...(s.violates === null ? {} : { expects: s.violates }),
      commands: [`xen-lu scenarios ${s.id}`, `xen-lu inspect ${s.id}`],
    },
  };
};

const ofScope = (scope: Scope): Subject => {
  const start = startOf(requestOf(scope, defaultDesign, []));
  const events = fairEvents(start);
  return {
    trace: { ...start, events },
    about: {
      title: `A Live Update of the host "${scope.id}"`,
      tried: [
        'The whole procedure on a small host with something of everything, under the full design: ' +
          'trigger, quiesce, save, hand over, restore.',
        hostText(start.host),
      ],
      commands: [`xen-lu inspect "${scope.id}"`],
    },
  };
};

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

const ofTrace = (path: string, trace: Trace): Subject => ({
  trace,
  about: {
    title: `Trace ${path.split(/[\\/]/).pop() ?? path}`,
    tried: [
      `A recorded run of ${counted(trace.events.length, 'event')}, an update from Xen ` +
        `${trace.from.id} to Xen ${trace.to.id} under ${designText(trace.design)}.`,
      hostText(trace.host),
    ],
    commands: [`xen-lu inspect ${path}`],
  },
});

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

/** Finds out what is meant: a scope or scenario by its id first, then a file or folder. */
export const findSubject = async (
  name: string = DEFAULT_SCOPE,
  options: SubjectOptions = {},
): Promise<Either<BadInput, Subject>> => {
  const scope = GENERAL.find((s) => s.id === name);
  if (scope !== undefined) return right(ofScope(scope));
  const scenario = (await loadScenarios()).find((s) => s.id === name);
  if (scenario !== undefined) {
    options.onProgress?.(`searching ${name}`);
    return right(await ofScenario(scenario));
  }
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  if (!isThere)
    return left(
      oneProblem(
        name,
        'no scenario, scope, trace or capture of this name',
        `scopes are ${GENERAL.map((s) => `"${s.id}"`).join(', ')}; xen-lu scenarios lists the others`,
      ),
    );
  const json = await traceJson(name);
  if (json === null) return ofCapture(name, options);
  const trace = decodeTrace(json);
  return isLeft(trace) ? left(oneProblem(name, trace.left)) : right(ofTrace(name, trace.right));
};
