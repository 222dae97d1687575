/**
 * Machines as people bring them: each mixes constructs, and none was at hand
 * when the explorer was written.
 */
import {
  and,
  assign,
  createMachine,
  enqueueActions,
  log,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate';
import type { Example } from './example.ts';

type Of<C, E = object> = { context: C; event: { type: string } & E };
type Payload = { v?: number; n?: number; k?: string; i?: number; max?: number; by?: number };

const types = (...names: string[]) => names.map((type) => ({ type }));
const two = (a: string, b: string, event: string) => ({
  initial: a,
  states: { [a]: { on: { [event]: b } }, [b]: { on: { [event]: a } } },
});
const n = ({ context }: Of<{ n: number }>) => context.n;

export const odd: readonly Example[] = [
  {
    name: 'regions in regions, with a deep and two shallow histories',
    machine: createMachine({
      initial: 'run',
      states: {
        off: { on: { ON: 'run.deep', SOME: 'run.shallow', FRESH: 'run' } },
        run: {
          type: 'parallel',
          on: { OFF: 'off' },
          states: {
            a: {
              initial: 'a1',
              states: {
                a1: { on: { N: 'a2' } },
                a2: {
                  type: 'parallel',
                  on: { N: 'a1' },
                  states: {
                    p: two('p1', 'p2', 'P'),
                    q: { initial: 'q1', states: { q1: { on: { Q: 'q2' } }, q2: {} } },
                  },
                },
              },
            },
            b: {
              initial: 'b1',
              states: {
                b1: { on: { M: 'b2' } },
                b2: { on: { M: '#bh' } },
                bh: { id: 'bh', type: 'history', target: 'b1' },
              },
            },
            deep: { type: 'history', history: 'deep' },
            shallow: { type: 'history' },
          },
        },
      },
    }),
    events: types('ON', 'SOME', 'FRESH', 'OFF', 'N', 'P', 'Q', 'M'),
  },
  {
    name: 'final states four levels down, with outputs handed up',
    machine: createMachine({
      context: { got: 0 },
      initial: 'work',
      states: {
        work: {
          type: 'parallel',
          output: { x: 7 },
          onDone: {
            target: 'end',
            actions: assign({
              got: ({ event }) => (event.output as { x: number } | undefined)?.x ?? -1,
            }),
          },
          states: {
            l: {
              initial: 'i',
              states: {
                i: { on: { L: 'm' } },
                m: {
                  initial: 'n',
                  onDone: 'f',
                  states: { n: { on: { L: 'z' } }, z: { type: 'final' } },
                },
                f: { type: 'final' },
              },
            },
            r: {
              initial: 'i',
              onDone: { actions: assign({ got: ({ context }) => context.got + 1 }) },
              states: { i: { on: { R: 'f' } }, f: { type: 'final' } },
            },
          },
        },
        end: { type: 'final', output: ({ context }: Of<{ got: number }>) => ({ v: context.got }) },
      },
      output: ({ event, context }: { event: { output?: unknown }; context: { got: number } }) => ({
        o: event.output,
        g: context.got,
      }),
    } as never),
    events: types('L', 'R'),
  },
  {
    name: 'always in chains, fed by raised events with payload',
    machine: createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          entry: raise({ type: 'X', v: 1 } as never),
          always: { target: 'b', guard: (all: Of<{ n: number }>) => n(all) % 3 === 1 },
          on: {
            X: {
              actions: assign({
                n: ({ context, event }: Of<{ n: number }, Payload>) =>
                  (context.n + (event.v ?? 2)) % 7,
              } as never),
            },
            GO: 'b',
          },
        },
        b: {
          entry: [
            raise({ type: 'Y' } as never),
            raise(({ context }: Of<{ n: number }>) => ({ type: 'Z', n: context.n }) as never),
          ],
          on: {
            Y: { actions: assign({ n: (all: Of<{ n: number }>) => (n(all) * 2) % 7 } as never) },
            Z: [
              { guard: ({ event }: Of<object, Payload>) => (event.n ?? 0) > 3, target: 'c' },
              { target: 'a' },
            ],
          },
        },
        c: {
          always: [
            { guard: (all: Of<{ n: number }>) => n(all) === 0, target: 'a' },
            {
              guard: (all: Of<{ n: number }>) => n(all) > 4,
              target: 'b',
              actions: assign({ n: 0 } as never),
            },
          ],
          on: { GO: 'a', X: { actions: assign({ n: (all: never) => (n(all) + 1) % 7 } as never) } },
        },
      },
    } as never),
    events: [...types('GO', 'X'), { type: 'X', v: 3 }],
  },
  {
    name: 'enqueueActions that check what they have just assigned',
    machine: createMachine({
      types: {} as { context: { a: number; b: number } },
      context: { a: 0, b: 0 },
      initial: 's',
      states: {
        s: {
          on: {
            E: {
              actions: enqueueActions(({ context, enqueue, check }) => {
                enqueue.assign({ a: (context.a + 1) % 4 });
                if (check((all) => (all as unknown as Of<{ b: number }>).context.b === 1))
                  enqueue.raise({ type: 'R' });
                if (context.a === 2) enqueue.assign({ b: (context.b + 1) % 3 });
                enqueue(log('x'));
              }),
            },
            R: 't',
          },
        },
        t: {
          entry: enqueueActions(({ enqueue }) => {
            enqueue.assign({ b: 0 });
            enqueue.assign(({ context }) => ({ a: (context.a + context.b + 2) % 4 }));
          }),
          on: { E: 's' },
        },
      },
    }),
    events: types('E', 'R'),
  },
  {
    name: 'guards and actions with parameters, in and, or and not',
    machine: setup({
      types: { context: {} as { n: number }, events: {} as { type: 'UP' | 'DOWN' } & Payload },
      guards: {
        below: ({ context }, { max }: { max: number }) => context.n < max,
        atLeast: ({ context }, min: number) => context.n >= min,
      },
      actions: {
        add: assign(({ context }, { by }: { by: number }) => ({ n: context.n + by })),
        set: assign((_, to: number) => ({ n: to })),
      },
    }).createMachine({
      context: { n: 0 },
      on: {
        UP: [
          {
            guard: { type: 'below', params: ({ event }) => ({ max: event.max ?? 0 }) },
            actions: { type: 'add', params: ({ event }) => ({ by: event.by ?? 1 }) },
          },
          { guard: not({ type: 'atLeast', params: 3 }), actions: { type: 'set', params: 1 } },
        ],
        DOWN: {
          guard: or([
            { type: 'atLeast', params: 6 },
            and([
              { type: 'below', params: { max: 3 } },
              { type: 'atLeast', params: 1 },
            ]),
          ]),
          actions: { type: 'set', params: ({ context }) => context.n - 1 },
        },
      },
    }),
    events: [{ type: 'UP', max: 8 }, { type: 'UP', max: 4, by: 3 }, { type: 'DOWN' }],
  },
  {
    name: 'partial wildcards, longer before shorter, and forbidden events',
    machine: createMachine({
      context: { last: '' },
      initial: 'a',
      states: {
        a: {
          on: {
            'd.*': { target: 'b', actions: assign({ last: ({ event }) => event.type }) },
            'd.x.y': 'c',
            '*': { actions: assign({ last: '*' }) },
          },
        },
        b: { on: { '*': 'a', 'd.x.*': 'c' } },
        c: { on: { 'd.*': 'a', STOP: {} } },
      },
      on: { STOP: { actions: assign({ last: 'stopped' }) } },
    }),
    events: types('d.x.y', 'd.x', 'd.q', 'd', 'other', 'STOP', 'd.x.y.z'),
  },
  {
    name: 'inner and outer targets of a state itself, with and without reentering',
    machine: createMachine({
      context: { e: 0, x: 0 },
      initial: 'p',
      states: {
        p: {
          initial: 'k1',
          entry: assign({ e: ({ context }) => (context.e + 1) % 5 }),
          exit: assign({ x: ({ context }) => (context.x + 1) % 3 }),
          on: {
            IN: '.k2',
            RE: { target: '.k2', reenter: true },
            SELF: 'p',
            ANEW: { target: 'p', reenter: true },
            OUT: 'o',
          },
          states: {
            k1: {
              on: { K: { target: 'k1', reenter: true } },
              entry: assign({ e: ({ context }) => (context.e + 2) % 5 }),
            },
            k2: { initial: 'd', states: { d: {}, dd: {} }, on: { UP: '#o', D: '.dd' } },
          },
        },
        o: { id: 'o', on: { IN: 'p.k2.dd' } },
      },
    }),
    events: types('IN', 'RE', 'SELF', 'ANEW', 'OUT', 'K', 'UP', 'D'),
  },
  {
    name: 'guards and actions that are provided afterwards',
    machine: setup({
      types: { context: {} as { n: number } },
      guards: { ok: () => false },
      actions: { inc: () => {} },
    })
      .createMachine({
        context: { n: 0 },
        on: { A: { guard: 'ok', actions: 'inc' }, B: { actions: ['inc', 'inc'] } },
      })
      .provide({
        guards: { ok: ({ context }) => context.n < 6 },
        actions: { inc: assign({ n: ({ context }) => (context.n + 1) % 9 }) },
      }),
    events: types('A', 'B'),
  },
  {
    name: 'a map of objects, a set of mixed members, undefined as a value and as no key',
    machine: createMachine({
      types: {} as {
        context: {
          m: Map<string, { n: number }>;
          s: Set<unknown>;
          u: null | undefined;
          o: { x?: undefined };
        };
        events: { type: string; k?: unknown };
      },
      context: { m: new Map([['a', { n: 0 }]]), s: new Set(), u: undefined, o: {} },
      on: {
        M: {
          actions: assign({
            m: ({ context, event }) => {
              const key = String(event.k);
              return new Map(context.m).set(key, { n: ((context.m.get(key)?.n ?? 0) + 1) % 3 });
            },
          }),
        },
        S: {
          actions: assign({
            s: ({ context, event }) =>
              context.s.has(event.k)
                ? new Set([...context.s].filter((x) => x !== event.k))
                : new Set([event.k, ...context.s]),
          }),
        },
        U: {
          actions: assign({ u: ({ context }) => (context.u === undefined ? null : undefined) }),
        },
        O: { actions: assign({ o: ({ context }) => ('x' in context.o ? {} : { x: undefined }) }) },
      },
    }),
    events: [
      { type: 'M', k: 'a' },
      { type: 'M', k: 'b' },
      { type: 'S', k: 1 },
      { type: 'S', k: '1' },
      ...types('U', 'O'),
    ],
  },
  {
    name: 'bigints, dates, NaN and a zero with a sign',
    machine: createMachine({
      context: { b: 0n, d: new Date(0), z: 0, n: Number.NaN, below: 0 },
      on: {
        B: { actions: assign({ b: ({ context }) => (context.b + 1n) % 4n }) },
        D: {
          actions: assign({ d: ({ context }) => new Date((context.d.getTime() + 1000) % 3000) }),
        },
        Z: { actions: assign({ z: ({ context }) => (Object.is(context.z, 0) ? -0 : 0) }) },
        N: { actions: assign({ n: ({ context }) => (Number.isNaN(context.n) ? 1 : Number.NaN) }) },
        BELOW: {
          guard: ({ context }) => 1 / context.z < 0,
          actions: assign({ below: ({ context }) => (context.below + 1) % 2 }),
        },
      },
    }),
    events: types('B', 'D', 'Z', 'N', 'BELOW'),
  },
  {
    name: 'structuredClone, JSON and destructuring with a default',
    machine: createMachine({
      types: {} as {
        context: { h: { d: { p: number; refs: number[] }[] }; opt?: number };
        events: { type: string; d?: number };
      },
      context: {
        h: {
          d: [
            { p: 0, refs: [1] },
            { p: 1, refs: [] },
          ],
        },
      },
      on: {
        P: {
          actions: assign({
            h: ({ context, event }) => {
              const copy = structuredClone(context.h);
              const one = copy.d[event.d ?? 0];
              if (one !== undefined) one.p = (one.p + 1) % 3;
              return copy;
            },
          }),
        },
        J: {
          actions: assign(({ context }) => {
            const copy = JSON.parse(JSON.stringify(context)) as typeof context;
            copy.h.d.reverse();
            return copy;
          }),
        },
        R: {
          actions: assign({
            h: ({ context: { h, opt = 5 } }) => ({
              ...h,
              d: h.d.map((x: { p: number; refs: number[] }, i: number) =>
                i === 0 ? { ...x, refs: x.refs.length > 1 ? [] : [...x.refs, opt] } : x,
              ),
            }),
          }),
        },
      },
    }),
    events: [{ type: 'P', d: 0 }, { type: 'P', d: 1 }, ...types('J', 'R')],
  },
  {
    name: 'a parallel state that an eventless step completes',
    machine: createMachine({
      context: { n: 0 },
      initial: 'p',
      states: {
        p: {
          type: 'parallel',
          onDone: 'q',
          on: { N: { actions: assign({ n: ({ context }) => (context.n + 1) % 4 }) } },
          states: {
            a: {
              initial: 'one',
              states: {
                one: { always: { guard: ({ context }) => context.n > 1, target: 'two' } },
                two: { type: 'final' },
              },
            },
            b: {
              initial: 'one',
              states: {
                one: { on: { X: { target: 'two', guard: not(stateIn({ p: { a: 'two' } })) } } },
                two: { type: 'final' },
              },
            },
          },
        },
        q: { on: { BACK: 'p' }, entry: assign({ n: 0 }) },
      },
    }),
    events: types('N', 'X', 'BACK'),
  },
];
