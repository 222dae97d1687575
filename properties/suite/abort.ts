/**
 * PNR-1: wherever an update is cancelled, times out or fails before the jump,
 * the host is, to the bit, what it would be had nobody asked for the update.
 * PNR-2: after the jump nobody can give it up any more, and it has one end.
 */
import fc from 'fast-check';
import { left, right } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import { hostOf } from '../../src/liveupdate/update.ts';
import { type Snapshot, topState } from '../../src/trace/schedule.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import { historyArbitrary, type RandomHistory } from '../arbitraries/index.ts';
import type { UpdateMachine } from '../mutant.ts';
import { begin, drive, take } from './drive.ts';
import { describeImage, type Image, imageArbitrary } from './image.ts';
import { traceOf } from './judged.ts';
import { property, type Violation } from './property.ts';
import { leftBehind, withWork } from './unasked.ts';

/** The ways to give an update up. */
export const WAYS_OUT = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
] as const satisfies readonly WorldEvent[];

/** "saving.domains": where the machine stands. */
const stateOf = (s: Snapshot): string =>
  typeof s.value === 'string' ? s.value : `${topState(s)}.${Object.values(s.value)[0]}`;

interface Case {
  readonly history: RandomHistory;
  readonly image: Image;
}

const check = ({ history, image }: Case, design: Design, machine?: UpdateMachine) => {
  const { host } = history.play();
  const from = history.start.plan.version;
  const met: Record<string, number> = {};
  const meet = (what: string): void => {
    met[what] = (met[what] ?? 0) + 1;
  };
  let violation: Violation | null = null;
  const events: WorldEvent[] = [];
  const violated = (invariant: string, what: readonly string[]): void => {
    const trace = traceOf({ host, from, image, design }, [...events]);
    violation ??= { invariants: [invariant], what, trace };
  };
  let unasked = host;
  let jumped = false;
  const end = drive(begin(host, from, design, machine), host, image, (event, now) => {
    events.push(event);
    // The image is loaded whether an update is asked for or not.
    unasked =
      event.type === 'kexec.load'
        ? hostOf(now.context.world)
        : withWork(unasked, event, from, design);
    jumped ||= event.type === 'lu.jump';
    for (const out of WAYS_OUT) {
      const step = `${out.type} in ${stateOf(now)} after ${event.type}`;
      if (!now.can(out)) {
        if (jumped) meet(`no ${step}`);
        continue;
      }
      meet(step);
      if (jumped) violated('PNR-2', [`${step}: given up after the jump`]);
      const back = take(take(now, out), { type: 'lu.rollback' });
      const left = leftBehind(unasked, hostOf(back.context.world));
      if (left.length > 0) violated('PNR-1', [step, ...left]);
    }
    return now;
  });
  const state = topState(end);
  meet(`ends as ${state}`);
  const ends = jumped ? ['done', 'crashed'] : ['refused', 'loaded', 'idle'];
  if (!ends.includes(state)) violated('PNR-2', [`ends as ${state}`]);
  if (!jumped) {
    const left = leftBehind(unasked, hostOf(end.context.world));
    if (left.length > 0) violated('PNR-1', ['refused', ...left]);
  }
  return violation === null ? right({ checked: {}, met }) : left(violation);
};

export const abort = property({
  id: 'abort',
  title: 'Given up before the jump nothing happened; after it, no way',
  says:
    'At each step before the point of no return a cancel, a time-out and a failure lead back to ' +
    'the exact host that there would be without the update; so does every refusal. After it ' +
    'none of them is possible, and the update ends as done or as crashed.',
  sources: ['PNR-1', 'PNR-2', 'F1.10', 'F8.14'],
  runs: 120,
  arbitrary: fc.record({
    history: historyArbitrary({ maxEvents: 30, maxDomains: 4 }),
    image: imageArbitrary,
  }),
  describe: ({ history, image }) => [
    ...history.describe(),
    `updated to ${describeImage(image)}, and given up at every step`,
  ],
  check,
});
