/**
 * Within a pass the order of domains does not matter (R40, DEP-2), nor does
 * the order in which several threads save them (Q12). Shown for two domains
 * at a time, topic by topic, so that a conflict names its two records.
 */
import fc from 'fast-check';
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import { numericKeys } from '../../src/host/codec.ts';
import { diffHosts, EXACT } from '../../src/host/diff.ts';
import type { Restoring } from '../../src/liveupdate/boot.ts';
import {
  type Pass,
  restorePass,
  restoreTopics,
  topicRecords,
} from '../../src/liveupdate/restore/passes.ts';
import { hostOf } from '../../src/liveupdate/update.ts';
import { topState } from '../../src/trace/schedule.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import { historyArbitrary, type RandomHistory } from '../arbitraries/index.ts';
import { begin, type Chooser, drive, inOrder } from './drive.ts';
import { describeImage, type Image, imageArbitrary } from './image.ts';
import { property } from './property.ts';

const PASSES: readonly Pass[] = [1, 2, 3, 4, 5];
const NAMES: Readonly<Record<Pass, string>> = { 1: '0a', 2: '0b', 3: '0c', 4: '1', 5: '2' };

type Result = ReturnType<typeof restoreTopics>;

/** How two results differ, first of all; null: not at all. Two crashes are alike. */
const difference = (a: Result, b: Result): string | null => {
  if (isLeft(a) && isLeft(b)) return null;
  if (isLeft(a) || isLeft(b)) return isLeft(a) ? a.left.what : isLeft(b) ? b.left.what : null;
  const [d] = diffHosts(a.right, b.right, { ...EXACT, limit: 1 });
  return d === undefined
    ? null
    : `${d.path}: ${JSON.stringify(d.before)} or ${JSON.stringify(d.after)}`;
};

interface Tally {
  readonly met: Record<string, number>;
  readonly conflicts: string[];
}

const one = (r: Restoring, id: number, pass: Pass, design: Design, i: number): Result =>
  restoreTopics(r, id, pass, design, i, i + 1);

/** Every topic of one domain against every topic of another, from every state between them. */
const comparePair = (
  start: Restoring,
  [a, b]: readonly [number, number],
  pass: Pass,
  design: Design,
  tally: Tally,
): void => {
  const [ofA, ofB] = [topicRecords(start, a, pass, design), topicRecords(start, b, pass, design)];
  let row: Restoring = start;
  for (const [i, recordsA] of ofA.entries()) {
    let at: Restoring = row;
    for (const [j, recordsB] of ofB.entries()) {
      const [first, second] = [one(at, a, pass, design, i), one(at, b, pass, design, j)];
      const ab = isLeft(first) ? first : one(first.right, b, pass, design, j);
      const ba = isLeft(second) ? second : one(second.right, a, pass, design, i);
      const pair = `pass ${NAMES[pass]}: ${recordsA.join('+')} with ${recordsB.join('+')}`;
      tally.met[pair] = (tally.met[pair] ?? 0) + 1;
      const differ = difference(ab, ba);
      if (differ !== null) tally.conflicts.push(`${pair} of d${a} and d${b}: ${differ}`);
      if (isLeft(second)) break;
      at = second.right;
    }
    const next = one(row, a, pass, design, i);
    if (isLeft(next)) return;
    row = next.right;
  }
};

/** The passes of all domains; before each one, two of them are compared. */
const comparePasses = (start: Restoring, which: number, design: Design, tally: Tally): void => {
  const ids = numericKeys(start.stream?.domains ?? {});
  const a = ids[which % ids.length];
  const b = ids[(which + 1) % ids.length];
  let now = start;
  for (const pass of PASSES) {
    if (a !== undefined && b !== undefined && a !== b)
      comparePair(now, [a, b], pass, design, tally);
    for (const id of ids) {
      const next = restorePass(now, id, pass, design);
      if (isRight(next)) now = next.right;
    }
  }
};

/** The last one that may come instead of the first. */
const lastFirst: Chooser = (events) => events[events.length - 1];

interface Case {
  readonly history: RandomHistory;
  readonly image: Image;
  readonly which: number;
}

const check = ({ history, image, which }: Case, given: Design) => {
  const design: Design = { ...given, policies: { ...given.policies, Q12: 'multi' } };
  const { host } = history.play();
  const tally: Tally = { met: {}, conflicts: [] };
  const end = (choose: Chooser, see: (event: WorldEvent, r: Restoring | null) => void) =>
    drive(
      begin(host, history.start.plan.version, design),
      host,
      image,
      (event, now) => {
        see(event, now.context.world.restoring);
        return now;
      },
      choose,
    );
  const usual = end(inOrder, (event, restoring) => {
    if (event.type === 'xen2.reserve' && restoring !== null)
      comparePasses(restoring, which, design, tally);
  });
  const state = topState(usual);
  tally.met[`ends as ${state}`] = 1;
  if (state === 'done') {
    const other = end(lastFirst, () => undefined);
    const [a, b] = [hostOf(usual.context.world), hostOf(other.context.world)];
    for (const d of diffHosts(a, b, { ...EXACT, limit: 5 }))
      tally.conflicts.push(`domains in descending order: ${d.path} differs`);
  }
  return tally.conflicts.length === 0
    ? right({ checked: {}, met: tally.met })
    : left({ invariants: ['DEP-2'], what: tally.conflicts.slice(0, 10), trace: null });
};

export const order = property({
  id: 'order',
  title: 'In a pass, and in the save, any order of domains will do',
  says:
    'Two topics of two domains in one pass lead to the same host whichever comes first; domains ' +
    'saved and restored in descending order lead to the same host as in ascending order.',
  sources: ['DEP-2', 'R18', 'R40', 'Q12', 'Q14'],
  runs: 40,
  arbitrary: fc.record({
    history: historyArbitrary({ maxEvents: 20, maxDomains: 4 }),
    image: imageArbitrary,
    which: fc.nat(9),
  }),
  describe: ({ history, image }) => [...history.describe(), `updated to ${describeImage(image)}`],
  check,
});
