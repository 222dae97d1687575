import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { type Exploration, exploreSync, type Fairness } from '../../src/explore/index.ts';

/** A chart of numbered states; an edge is taken by an event of its type. */
interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly type: string;
}

function machineOf(size: number, arrows: readonly Arrow[]) {
  const states: Record<string, { on: Record<string, string> }> = {};
  for (let i = 0; i < size; i++) states[`s${i}`] = { on: {} };
  // The last arrow of a type from a state stands, as events have one target.
  for (const { from, to, type } of arrows) {
    const state = states[`s${from}`];
    if (state !== undefined) state.on[type] = `s${to}`;
  }
  return createMachine({ initial: 's0', states } as never);
}

/** The arrows that stand: the last one of each state and type. */
function standing(arrows: readonly Arrow[]): Arrow[] {
  return [...new Map(arrows.map((arrow) => [`${arrow.from} ${arrow.type}`, arrow])).values()];
}

/** By definition: is there a fair run from `from` that never comes to `goal`? */
function canAvoid(
  arrows: readonly Arrow[],
  from: number,
  goal: number,
  strength: 'none' | 'weak' | 'strong',
): boolean {
  if (from === goal) return false;
  const open = arrows.filter((arrow) => arrow.from !== goal && arrow.to !== goal);
  const reached = new Set([from]);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const arrow of open) if (reached.has(arrow.from)) reached.add(arrow.to);
  }
  if ([...reached].some((at) => arrows.every((arrow) => arrow.from !== at))) return true;
  const usable = open.filter((arrow) => reached.has(arrow.from));
  for (let bits = 1; bits < 2 ** usable.length; bits++) {
    const chosen = usable.filter((_, i) => (bits >> i) % 2 === 1);
    if (isConnected(chosen) && isFair(chosen, arrows, strength)) return true;
  }
  return false;
}

function isConnected(chosen: readonly Arrow[]): boolean {
  const nodes = new Set(chosen.flatMap(({ from, to }) => [from, to]));
  return [...nodes].every((start) => {
    const seen = new Set([start]);
    for (let size = 0; size !== seen.size; ) {
      size = seen.size;
      for (const arrow of chosen) if (seen.has(arrow.from)) seen.add(arrow.to);
    }
    return seen.size === nodes.size;
  });
}

function isFair(
  chosen: readonly Arrow[],
  arrows: readonly Arrow[],
  strength: 'none' | 'weak' | 'strong',
): boolean {
  const nodes = [...new Set(chosen.map((arrow) => arrow.from))];
  return [...new Set(arrows.map((arrow) => arrow.type))].every((type) => {
    if (strength === 'none' || chosen.some((arrow) => arrow.type === type)) return true;
    const enabled = nodes.filter((at) => arrows.some((a) => a.from === at && a.type === type));
    return strength === 'weak' ? enabled.length < nodes.length : enabled.length === 0;
  });
}

/** A lasso must be a run of the chart that stays off the goal in its loop. */
function checkLasso(result: Exploration, arrows: readonly Arrow[], goal: number): void {
  if (result.verdict !== 'violated' || result.trace === undefined) throw new Error('no trace');
  const { steps, loop, start } = result.trace;
  const names = [start, ...steps.map((step) => step.state)].map((state) => String(state.value));
  for (const [i, step] of steps.entries()) {
    const from = Number(names[i]?.slice(1));
    const to = Number(names[i + 1]?.slice(1));
    expect(arrows).toContainEqual({ from, to, type: step.event.type });
  }
  if (loop === undefined) throw new Error('no loop');
  expect(names.slice(loop)).not.toContain(`s${goal}`);
  expect(names.at(-1)).toBe(names[loop]);
  if (loop === steps.length) {
    expect(arrows.some((arrow) => `s${arrow.from}` === names.at(-1))).toBe(false);
  }
}

const fairnessOf: Record<'none' | 'weak' | 'strong', Fairness> = {
  none: {},
  weak: { weak: 'all' },
  strong: { strong: 'all' },
};

const arrowsIn = (size: number) =>
  fc.array(
    fc.record({
      from: fc.nat({ max: size - 1 }),
      to: fc.nat({ max: size - 1 }),
      type: fc.constantFrom('A', 'B', 'C'),
    }),
    { maxLength: 10 },
  );

describe('liveness', () => {
  for (const strength of ['none', 'weak', 'strong'] as const) {
    test(`eventually under ${strength} fairness, as defined, on random graphs`, () => {
      const verdicts = new Set<string>();
      fc.assert(
        fc.property(arrowsIn(5), (drawn) => {
          const arrows = standing(drawn);
          const result = exploreSync(machineOf(5, drawn), {
            events: ['A', 'B', 'C'].map((type) => ({ type })) as never,
            eventually: { goal: (s) => s.matches('s4' as never) },
            fairness: fairnessOf[strength],
          });
          const avoidable = canAvoid(arrows, 0, 4, strength);
          expect(result.verdict).toBe(avoidable ? 'violated' : 'holds');
          verdicts.add(result.verdict);
          if (avoidable) checkLasso(result, arrows, 4);
        }),
        { numRuns: 400, seed: 11 },
      );
      expect(verdicts.size).toBe(2);
    });
  }

  test('leadsTo is broken only from where it is promised', () => {
    const arrows = [
      { from: 0, to: 1, type: 'A' },
      { from: 1, to: 2, type: 'A' },
      { from: 2, to: 1, type: 'B' },
      { from: 2, to: 3, type: 'C' },
      { from: 3, to: 0, type: 'A' },
    ];
    const run = (from: string, to: string, fairness: Fairness) =>
      exploreSync(machineOf(4, arrows), {
        events: ['A', 'B', 'C'].map((type) => ({ type })) as never,
        leadsTo: {
          p: { from: (s) => s.matches(from as never), to: (s) => s.matches(to as never) },
        },
        fairness,
      });
    const loop = run('s1', 's3', {});
    expect(loop).toMatchObject({ verdict: 'violated', property: { kind: 'leadsTo', name: 'p' } });
    checkLasso(loop, arrows, 3);
    // C is not enabled in s1, so weak fairness allows the loop; strong does not.
    expect(run('s1', 's3', { weak: ['C'] }).verdict).toBe('violated');
    expect(run('s1', 's3', { strong: ['C'] }).verdict).toBe('holds');
    expect(run('s3', 's1', {}).verdict).toBe('holds');
  });

  test('a fair loop takes what is fair: the lasso shows it', () => {
    const arrows = [
      { from: 0, to: 0, type: 'A' },
      { from: 0, to: 1, type: 'B' },
      { from: 1, to: 0, type: 'C' },
    ];
    const result = exploreSync(machineOf(3, arrows), {
      events: ['A', 'B', 'C'].map((type) => ({ type })) as never,
      eventually: { never: (s) => s.matches('s2' as never) },
      fairness: { strong: 'all' },
    });
    if (result.verdict !== 'violated' || result.trace?.loop === undefined) throw new Error('holds');
    const { steps, loop } = result.trace;
    const types = new Set(steps.slice(loop).map((step) => step.event.type));
    expect([...types].sort()).toEqual(['A', 'B', 'C']);
  });
});
