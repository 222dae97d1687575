/**
 * Traces as files: where a run starts, and every event of it. State is what
 * one gets by folding them, so a trace says everything and replays anywhere.
 */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Design } from '../design/design.ts';
import { POLICIES, type Policies, SAFEST } from '../design/policies.ts';
import { RULES } from '../design/rules.ts';
import { VERSIONS, versionOf, type XenVersion } from '../design/versions.ts';
import { type Host, HostCodec } from '../host/host.ts';
import { XenBuild } from '../host/system.ts';
import type { WorldEvent } from '../world/world.ts';
import { decodeEvent } from './event-codec.ts';

/** A run that can be folded again. */
export interface Trace {
  readonly host: Host;
  readonly from: XenVersion;
  readonly to: XenVersion;
  readonly design: Design;
  /** xen#2's, without what kexec(8) appends. */
  readonly commandLine: string;
  /** The image of xen#2. */
  readonly build: XenBuild;
  readonly events: readonly WorldEvent[];
  /** Id of the mutant that the model bears; absent: none. */
  readonly mutant?: string;
  /** What random case it comes from; absent: from none. */
  readonly found?: Found;
}

/** The random case of a property: the same seed and path lead to it again. */
export interface Found {
  readonly property: string;
  readonly seed: number;
  readonly path: string;
}

export const TRACE_FORMAT = 'xen-lu-trace';
const TRACE_VERSION = 1;
/** Events of one file; beyond that it is refused. */
const MAX_EVENTS = 1_000_000;

const Rule = t.keyof(Object.fromEntries(RULES.map((r) => [r.id, null])));
const Start = t.type({
  host: HostCodec,
  from: t.string,
  to: t.string,
  design: t.type({ dropped: t.array(Rule), policies: t.record(t.string, t.string) }),
  commandLine: t.string,
  build: XenBuild,
});
/** At most this many characters of a name or a path. */
const MAX_NAME = 4096;
const Name = t.refinement(t.string, (s) => s.length <= MAX_NAME, `at most ${MAX_NAME} characters`);
const Origin = t.partial({
  mutant: Name,
  found: t.type({ property: Name, seed: t.Integer, path: Name }),
});

/** The JSON of a trace, one event a line so that files can be compared. */
export const encodeTrace = (trace: Trace): string => {
  const { host, from, to, design, commandLine, build, events, mutant, found } = trace;
  const start = {
    host: HostCodec.encode(host as never),
    from: from.id,
    to: to.id,
    design,
    commandLine,
    build,
  };
  const head = JSON.stringify({
    format: TRACE_FORMAT,
    version: TRACE_VERSION,
    start,
    // What is undefined is left out.
    mutant,
    found,
  }).slice(0, -1);
  return `${head},"events":[\n${events.map((e) => JSON.stringify(e)).join(',\n')}\n]}\n`;
};

/** Where the first error of an io-ts decoding is: "host.xen.domains.3". */
const firstFault = (where: string, errors: t.Errors): string => {
  const [error] = errors;
  const path = (error?.context ?? []).map((c) => c.key).filter((key) => key !== '');
  const type = error?.context[error.context.length - 1]?.type.name.slice(0, 80) ?? 'something else';
  return `${where}.${path.join('.')}: ${error?.message ?? `not ${type}`}`;
};

const policiesOf = (given: Readonly<Record<string, string>>): Either<string, Policies> => {
  for (const [id, answer] of Object.entries(given)) {
    if (!Object.hasOwn(POLICIES, id)) return left(`start.design: there is no question "${id}"`);
    const { answers } = POLICIES[id as keyof typeof POLICIES];
    if (!Object.hasOwn(answers, answer))
      return left(`start.design: ${id} has no answer "${answer.slice(0, 40)}"`);
  }
  return right({ ...SAFEST, ...given } as Policies);
};

const described = (id: string): Either<string, XenVersion> => {
  const version = versionOf(id);
  const known = VERSIONS.map((v) => v.id).join(', ');
  return version === null
    ? left(`no description of Xen ${id.slice(0, 40)}; there are ${known}`)
    : right(version);
};

/** Does the JSON say that it is a trace, of whatever version? */
export const isTrace = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'format' in json && json.format === TRACE_FORMAT;

const decodeEvents = (list: unknown): Either<string, readonly WorldEvent[]> => {
  if (!Array.isArray(list)) return left('events is no list');
  if (list.length > MAX_EVENTS) return left(`more than ${MAX_EVENTS} events`);
  const events: WorldEvent[] = [];
  for (const [i, one] of list.entries()) {
    const event = decodeEvent(one);
    if (isLeft(event)) return left(`event ${i + 1}: ${event.left}`);
    events.push(event.right);
  }
  return right(events);
};

/** A trace from its JSON, or what is wrong with it and where. */
export const decodeTrace = (json: unknown): Either<string, Trace> => {
  if (!isTrace(json)) return left(`not a trace: "format" is not "${TRACE_FORMAT}"`);
  const file = json as { readonly version?: unknown; start?: unknown; events?: unknown };
  if (file.version !== TRACE_VERSION)
    return left(`traces of version ${TRACE_VERSION} are read, not of ${String(file.version)}`);
  const start = Start.decode(file.start);
  if (isLeft(start)) return left(firstFault('start', start.left));
  const origin = Origin.decode(json);
  if (isLeft(origin)) return left(firstFault('trace', origin.left));
  const { mutant, found } = origin.right;
  const { host, design, commandLine, build } = start.right;
  const policies = policiesOf(design.policies);
  if (isLeft(policies)) return policies;
  const [from, to] = [described(start.right.from), described(start.right.to)];
  if (isLeft(from)) return from;
  if (isLeft(to)) return to;
  const events = decodeEvents(file.events);
  if (isLeft(events)) return events;
  return right({
    host,
    from: from.right,
    to: to.right,
    design: { dropped: design.dropped as Design['dropped'], policies: policies.right },
    commandLine,
    build,
    events: events.right,
    ...(mutant === undefined ? {} : { mutant }),
    ...(found === undefined ? {} : { found }),
  });
};
