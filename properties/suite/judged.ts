/** An update of a random host, judged by every invariant: what most properties of the suite do. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { counterexampleOf, type Judged, updateAndJudge } from '../../src/check/judge-update.ts';
import type { Design } from '../../src/design/design.ts';
import type { XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import type { Trace } from '../../src/trace/trace-file.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import type { UpdateMachine } from '../mutant.ts';
import { loadInvariants } from '../registry.ts';
import type { Image } from './image.ts';
import type { Evidence, Violation } from './property.ts';

/** All invariants, loaded once: the suite is for programs that judge many hosts. */
export const invariants = await loadInvariants();

/** The command line that every update of the suite gives to xen#2. */
export const COMMAND_LINE = 'console=com1';

export interface Update {
  readonly host: Host;
  readonly from: XenVersion;
  readonly image: Image;
  readonly design: Design;
  /** A mutant's; default: the machine of the update. */
  readonly machine?: UpdateMachine | undefined;
}

export interface Ran {
  readonly judged: Judged;
  readonly events: readonly WorldEvent[];
  /** The host at the end, under whichever Xen. */
  readonly after: Host;
}

/** Runs the update to its end and judges it. */
export const run = (update: Update): Ran => {
  const events: WorldEvent[] = [];
  let after = update.host;
  const { image, machine, ...rest } = update;
  const judged = updateAndJudge({
    ...rest,
    ...image,
    ...(machine === undefined ? {} : { machine }),
    invariants,
    onStep: (step) => {
      events.push(step.event);
      after = step.host;
    },
  });
  return { judged, events, after };
};

/** The run as a trace that can be written to a file and replayed. */
export const traceOf = (
  { host, from, image, design }: Update,
  events: readonly WorldEvent[],
): Trace => ({
  host,
  from,
  to: image.to,
  design,
  commandLine: COMMAND_LINE,
  build: { ...host.xen.build, ...image.build, version: image.to.id },
  events,
});

const checkedBy = ({ judged }: Ran): Record<string, number> =>
  Object.fromEntries(judged.invariants.map((i) => [i.id, i.checked]));

/** Whatever is legal at run time must have a place in the stream (LIM-1). */
const UNWRITABLE = /^the stream cannot be written/;

const unwritable = ({ judged: { outcome } }: Ran): readonly string[] =>
  outcome.kind === 'refused' ? outcome.reasons.filter((r) => UNWRITABLE.test(r)) : [];

/** Names of records that hold something: an absent one is undefined, of no vCPU an empty list. */
const heldIn = (sections: object): readonly string[] =>
  Object.entries(sections)
    .filter(([, body]) => body !== undefined && (!Array.isArray(body) || body.length > 0))
    .map(([name]) => name);

/** The outcome, the pair of versions, and how many blocks had each record. */
const metBy = ({ from, image }: Update, { judged: { outcome } }: Ran): Record<string, number> => {
  const stream = outcome.update.restoring?.stream ?? null;
  const blocks = stream === null ? [] : [stream.globals, ...Object.values(stream.domains)];
  const met: Record<string, number> = {
    [outcome.kind]: 1,
    [`${from.id} -> ${image.to.id} ${outcome.kind}`]: 1,
  };
  for (const name of blocks.flatMap(heldIn))
    met[`record ${name}`] = (met[`record ${name}`] ?? 0) + 1;
  return met;
};

/** What the invariants say of a run: what is broken, or what was looked at. */
export const verdictOf = (update: Update, ran: Ran): Either<Violation, Evidence> => {
  const trace = traceOf(update, ran.events);
  const lost = unwritable(ran);
  if (lost.length > 0) return left({ invariants: ['LIM-1'], what: lost, trace });
  const wrong = counterexampleOf(ran.judged);
  if (wrong !== undefined)
    return left({
      invariants: wrong.invariants.length > 0 ? wrong.invariants : ['PNR-2'],
      what: wrong.what,
      trace,
    });
  return right({ checked: checkedBy(ran), met: metBy(update, ran) });
};
