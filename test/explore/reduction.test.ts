import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { assign, createMachine, stateIn } from 'xstate';
import { type Exploration, type ExploreOptions, exploreSync } from '../../src/explore/index.ts';
import { suite } from './machines/suite.ts';
import { eventsOf, regions } from './machines/two-phase.ts';
import { EVENTS, richMachine } from './random.ts';

/** N philosophers as regions, each takes the left fork first; all may hold one and starve. */
function philosophers(n: number) {
  const fork = (i: number) => `fork${i % n}`;
  const states: Record<string, object> = {};
  for (let i = 0; i < n; i++) {
    const free = (at: number) => ({ guard: stateIn({ [fork(at)]: 'free' }) });
    states[`p${i}`] = {
      initial: 'thinks',
      states: {
        thinks: { on: { [`left.${i}`]: { target: 'waits', ...free(i) } } },
        waits: { on: { [`right.${i}`]: { target: 'eats', ...free(i + 1) } } },
        eats: { on: { [`done.${i}`]: 'thinks' } },
      },
    };
    states[fork(i)] = {
      initial: 'free',
      states: {
        free: {
          on: {
            [`left.${i}`]: { target: 'taken', guard: stateIn({ [`p${i}`]: 'thinks' }) },
            [`right.${(i + n - 1) % n}`]: {
              target: 'taken',
              guard: stateIn({ [`p${(i + n - 1) % n}`]: 'waits' }),
            },
          },
        },
        taken: {
          on: Object.fromEntries(
            [i, (i + n - 1) % n].map((p) => [
              `done.${p}`,
              { target: 'free', guard: stateIn({ [`p${p}`]: 'eats' }) },
            ]),
          ),
        },
      },
    };
  }
  return createMachine({ id: 'table', type: 'parallel', states } as never);
}

/** With and without; the verdicts must be the same. */
function both(machine: AnyStateMachine, options: ExploreOptions): [Exploration, Exploration] {
  const whole = exploreSync(machine, options);
  const reduced = exploreSync(machine, { ...options, reductions: ['por'] });
  return [whole, reduced];
}

const said = (result: Exploration) => ({
  verdict: result.verdict,
  property: result.verdict === 'violated' ? result.property : undefined,
});

/** One claim for each state of the chart, that it is never active; and one of the context. */
function claimsOf(machine: AnyStateMachine): [string, (state: never) => boolean][] {
  const never = [
    ...(machine as unknown as { idMap: Map<string, { id: string; type: string }> }).idMap.values(),
  ]
    .filter((node) => node.type !== 'history')
    .map((node): [string, (state: never) => boolean] => [
      node.id,
      (state: { matches(value: unknown): boolean }) => !state.matches(`#${node.id}`),
    ]);
  const small = (state: { context: { n?: unknown } }) => state.context?.n !== 2;
  return [...never, ['n is not 2', small]];
}

/** Loose regions: two events each, one for all; a guard or an assign ties two now and then. */
const loose = fc
  .array(
    fc.record({
      region: fc.nat({ max: 4 }),
      from: fc.nat({ max: 2 }),
      to: fc.nat({ max: 2 }),
      event: fc.nat({ max: 8 }),
      tie: fc.nat({ max: 59 }),
      set: fc.nat({ max: 59 }),
    }),
    { minLength: 12, maxLength: 18 },
  )
  .map((edges) => {
    const states: Record<string, { initial: string; states: Record<string, { on: object }> }> = {};
    for (const r of [0, 1, 2, 3, 4]) {
      states[`r${r}`] = {
        initial: 's0',
        states: { s0: { on: {} }, s1: { on: {} }, s2: { on: {} } },
      };
    }
    for (const { region, from, to, event, tie, set } of edges) {
      const at = states[`r${region}`]?.states[`s${from}`];
      if (at === undefined) continue;
      const next = ({ context }: { context: Record<string, number> }) =>
        ((context[`f${set % 5}`] ?? 0) + 1) % 3;
      const edge = {
        target: `s${to}`,
        ...(tie < 15 ? { guard: stateIn({ [`r${tie % 5}`]: `s${tie % 3}` }) } : {}),
        ...(set < 15 ? { actions: assign({ [`f${region}`]: next } as never) } : {}),
      };
      const type = event === 8 ? 'all' : `e${region}.${event % 2}`;
      at.on = { ...at.on, [type]: edge };
    }
    const context = { f0: 0, f1: 0, f2: 0, f3: 0, f4: 0 };
    return createMachine({ id: 'loose', type: 'parallel', context, states } as never);
  });

describe('partial-order reduction', () => {
  test('leaves out states where events do not touch each other', () => {
    const claims = {
      always: { 'not both': (state) => !state.matches({ rm0: 'committed', rm1: 'aborted' }) },
    } satisfies Pick<ExploreOptions, 'always'>;
    const [all, fewer] = both(regions(5), { events: eventsOf(5), ...claims });
    expect([all.verdict, fewer.verdict, all.states]).toEqual(['holds', 'holds', 8832]);
    expect(fewer).toMatchObject({ reductions: ['por'] });
    expect(fewer.states).toBeLessThan(0.6 * all.states);
    expect(fewer.transitions).toBeLessThan(all.transitions / 3);
  });

  test('finds the deadlock of the philosophers, by a run of the machine', () => {
    const [whole, reduced] = both(philosophers(4), { deadlock: true });
    expect(said(reduced)).toEqual(said(whole));
    if (reduced.verdict !== 'violated') throw new Error(reduced.verdict);
    const end = reduced.trace?.steps.at(-1)?.state.value as Record<string, string>;
    expect([0, 1, 2, 3].map((i) => end[`p${i}`])).toEqual(Array(4).fill('waits'));
  });

  test('an event that circles alone does not put off the others for ever', () => {
    const machine = createMachine({
      type: 'parallel',
      states: {
        a: { initial: 'x', states: { x: { on: { TURN: 'y' } }, y: { on: { TURN: 'x' } } } },
        b: { initial: 'good', states: { good: { on: { FALL: 'bad' } }, bad: {} } },
      },
    });
    const always = {
      good: (state: { matches(value: unknown): boolean }) => state.matches({ b: 'good' }),
    };
    const [whole, reduced] = both(machine, { always });
    expect(said(reduced)).toEqual(said(whole));
    expect(reduced.verdict).toBe('violated');
  });

  test('what an event reads only later counts from the start', () => {
    // UP looks at x once y is 1; till then DOWN seems to have nothing to do with it.
    const machine = createMachine({
      context: { x: 0, y: 0, hit: false },
      on: {
        DOWN: { guard: ({ context }) => context.x === 0, actions: assign({ x: 1 }) },
        ARM: { guard: ({ context }) => context.y === 0, actions: assign({ y: 1 }) },
        UP: {
          guard: ({ context }) => context.y === 1 && context.x === 0,
          actions: assign({ hit: true }),
        },
      },
    });
    const always = { 'no hit': ({ context }: { context: { hit: boolean } }) => !context.hit };
    const [whole, reduced] = both(machine, { always } as never);
    expect(said(reduced)).toEqual(said(whole));
    expect(reduced.verdict).toBe('violated');
  });

  test.each(suite.map((one) => [one.name, one] as const))('%s: the same verdicts', (_, one) => {
    const options = { events: one.events as never, input: one.input };
    const deadlock = both(one.machine, { ...options, deadlock: true });
    const [, first] = deadlock;
    if (first.verdict === 'refused') {
      expect(first.refusals[0]?.reason).toContain('order of entering');
      return;
    }
    expect(said(first)).toEqual(said(deadlock[0]));
    const claims = claimsOf(one.machine);
    const every = Math.ceil(claims.length / 3);
    for (const [name, claim] of claims.filter((_, i) => i % every === 0)) {
      const [whole, reduced] = both(one.machine, {
        ...options,
        always: { [name]: claim as never },
      });
      expect({ name, ...said(reduced) }).toEqual({ name, ...said(whole) });
    }
  });

  test('random charts: the same verdicts', () => {
    let fewer = 0;
    let compared = 0;
    for (let seed = 1; seed <= 90; seed++) {
      const isLoose = seed % 3 !== 0;
      const [machine] = isLoose
        ? fc.sample(loose, { seed, numRuns: 1 })
        : fc.sample(richMachine, { seed, numRuns: 1 }).map((drawn) => drawn.machine);
      if (machine === undefined) throw new Error('nothing drawn');
      const claims = claimsOf(machine);
      const claim = claims[seed % claims.length] ?? ['', () => true];
      const always = Object.fromEntries([claim]) as never;
      const events = isLoose ? undefined : { events: EVENTS as never };
      const [whole, reduced] = both(machine, { ...events, deadlock: seed % 2 === 0, always });
      if (reduced.verdict === 'refused') continue;
      expect({ seed, ...said(reduced) }).toEqual({ seed, ...said(whole) });
      compared++;
      if (reduced.states < whole.states) fewer++;
    }
    expect(compared).toBeGreaterThan(60);
    expect(fewer).toBeGreaterThan(8);
  });

  test('what it cannot be used with is refused', () => {
    const por = { reductions: ['por'] } satisfies ExploreOptions;
    for (const options of [
      { eventually: { x: () => true } },
      { symmetry: { groups: [] } },
      { resume: new Uint8Array(9) },
      { events: () => [] },
    ] satisfies ExploreOptions[]) {
      expect(exploreSync(regions(2), { ...por, ...options } as never)).toMatchObject({
        verdict: 'refused',
        refusals: [{ place: 'options.reductions' }],
      });
    }
    const cut = exploreSync(regions(4), { ...por, maxStates: 50 });
    expect(cut).toMatchObject({ verdict: 'incomplete', checkpoint: new Uint8Array(0) });
  });
});
