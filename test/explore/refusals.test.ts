import { describe, expect, test } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createMachine,
  enqueueActions,
  forwardTo,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { exploreSync } from '../../src/explore/index.ts';

const one = (state: object, rest: object = {}) =>
  createMachine({ id: 'm', initial: 'a', ...rest, states: { a: state, b: {} } } as never);
const logic = fromPromise(async () => 1);

describe('what cannot be explored is refused, with its place', () => {
  const cases: [string, AnyStateMachine, string][] = [
    ['invoke', one({ invoke: { src: logic } }), '#m.a invoke'],
    ['after', one({ after: { 10: 'b' } }), '#m.a after'],
    ['spawnChild', one({ entry: spawnChild(logic) }), '#m.a entry[0]'],
    ['stopChild', one({ exit: stopChild('x') }), '#m.a exit[0]'],
    [
      'sendTo',
      one({ on: { E: { actions: sendTo('x', { type: 'Y' }) } } }),
      '#m.a on E[0] actions[0]',
    ],
    ['forwardTo', one({ on: { E: { actions: forwardTo('x') } } }), '#m.a on E[0] actions[0]'],
    [
      'sendParent',
      one({ always: { guard: () => false, actions: sendParent({ type: 'Y' }) } }),
      '#m.a always[0] actions[0]',
    ],
    ['a delayed raise', one({ entry: raise({ type: 'E' }, { delay: 5 }) }), '#m.a entry[0]'],
    [
      'a named action',
      setup({ actions: { tell: sendTo('x', { type: 'Y' }) } }).createMachine({
        id: 'm',
        entry: 'tell',
      }),
      '#m entry[0]',
    ],
    [
      'in enqueueActions',
      one({ on: { E: { actions: enqueueActions(({ enqueue }) => enqueue.spawnChild(logic)) } } }),
      'enqueueActions',
    ],
    [
      'spawn in assign',
      one({ on: { E: { actions: assign({ x: ({ spawn }) => spawn(logic) }) } } }, { context: {} }),
      'assign',
    ],
    ['a function in the context', one({}, { context: { f: () => 1 } }), 'context.f'],
    ['an instance in the context', one({}, { context: { f: new (class Box {})() } }), 'context.f'],
    [
      'self in an assign',
      one({ on: { E: { actions: assign({ x: ({ self }) => self.id }) } } }, { context: {} }),
      'assign',
    ],
  ];
  for (const [name, machine, place] of cases) {
    test(name, () => {
      const result = exploreSync(machine, { events: [{ type: 'E' }] as never });
      expect(result.verdict).toBe('refused');
      if (result.verdict !== 'refused') return;
      expect(result.refusals[0]?.place).toBe(place);
      expect(result.refusals[0]?.reason).not.toBe('');
    });
  }

  test('a cycle in the context', () => {
    const ring: { next?: object } = {};
    ring.next = ring;
    expect(exploreSync(one({}, { context: { ring } })).verdict).toBe('refused');
  });

  test('no machine at all', () => {
    for (const thing of [null, 1, {}, { __xstatenode: true }]) {
      expect(exploreSync(thing as never).verdict).toBe('refused');
    }
  });
});

describe('what has no meaning ends with an error and the way to it', () => {
  const count = (guard: (n: number) => boolean, next: (n: number) => number) =>
    createMachine({
      context: { n: 0 },
      on: {
        UP: {
          guard: ({ context }) => guard(context.n),
          actions: assign({ n: ({ context }) => next(context.n) }),
        },
      },
    });
  const faultOf = (machine: AnyStateMachine) => {
    const result = exploreSync(machine, { maxStates: 2000 });
    if (result.verdict !== 'error') throw new Error(result.verdict);
    return {
      kind: result.fault.kind,
      steps: result.trace?.steps.length,
      place: result.fault.place,
    };
  };

  test('a guard that throws', () => {
    const machine = count(
      (n) => {
        if (n === 3) throw new Error('no three');
        return true;
      },
      (n) => n + 1,
    );
    expect(faultOf(machine)).toEqual({ kind: 'threw', steps: 3, place: '#(machine) on UP' });
  });

  test('an assign that throws', () => {
    const machine = count(
      () => true,
      (n) => {
        if (n === 2) throw 'two';
        return n + 1;
      },
    );
    expect(faultOf(machine)).toMatchObject({ kind: 'threw', steps: 2 });
  });

  test('chance, the time, and a counter outside of the machine', () => {
    let calls = 0;
    const sources = [
      () => Math.floor(Math.random() * 2),
      () => Date.now(),
      () => new Date().getMinutes(),
      () => calls++,
    ];
    for (const source of sources) {
      expect(
        faultOf(
          count(
            () => true,
            (n) => (n + source()) % 100,
          ),
        ).kind,
      ).toBe('impure');
    }
  });

  test('a context that is changed in place', () => {
    const machine = createMachine({
      context: { list: [0] },
      on: {
        ADD: {
          actions: assign({
            list: ({ context }) => {
              context.list.push(1);
              return context.list;
            },
          }),
        },
      },
    });
    expect(faultOf(machine).kind).toBe('mutates');
  });

  test('eventless transitions and raised events without an end', () => {
    const always = one({ on: { GO: 'b' } }, {});
    expect(exploreSync(always, { events: [{ type: 'GO' }] as never }).verdict).toBe('holds');
    const ring = createMachine({
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    expect(faultOf(ring)).toMatchObject({ kind: 'endless', steps: 0 });
    const echo = createMachine({ on: { PING: { actions: raise({ type: 'PING' }) } } });
    expect(faultOf(echo).kind).toBe('endless');
  });

  test('a property that throws', () => {
    const result = exploreSync(
      count(
        (n) => n < 3,
        (n) => n + 1,
      ),
      {
        always: {
          bad: () => {
            throw new Error('bad');
          },
        },
      },
    );
    expect(result).toMatchObject({ verdict: 'error', fault: { kind: 'threw', place: 'bad' } });
  });
});
