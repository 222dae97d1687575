/** Small machines that together use every construct the explorer takes. */
import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  emit,
  enqueueActions,
  log,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate';
import { eventsOf, regions, tableEventsOf, tables } from './two-phase.ts';

/** A machine, what is sent to it, and how many states it has. */
export interface Example {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly events: readonly { type: string; [key: string]: unknown }[];
  readonly input?: unknown;
}

const types = (...names: string[]) => names.map((type) => ({ type }));
const count = (n: number) => ({ n });
type Ctx = { context: { n: number } };

export const suite: readonly Example[] = [
  {
    name: 'a light: compound states',
    machine: createMachine({
      initial: 'red',
      states: {
        red: { on: { GO: 'green' } },
        green: { on: { GO: 'amber' } },
        amber: { on: { GO: 'red' } },
      },
    }),
    events: types('GO'),
  },
  {
    name: 'one state only, no children',
    machine: createMachine({ on: { X: { actions: () => {} } } }),
    events: types('X', 'Y'),
  },
  {
    name: 'a counter: assign in object form, guards',
    machine: createMachine({
      context: count(0),
      on: {
        UP: {
          guard: ({ context }: Ctx) => context.n < 9,
          actions: assign({ n: ({ context }: Ctx) => context.n + 1 }),
        },
        ZERO: { actions: assign({ n: 0 }) },
      },
    } as never),
    events: types('UP', 'ZERO'),
  },
  {
    name: 'assign in function form with the whole context copied',
    machine: createMachine({
      context: { n: 0, list: [0, 0, 0], deep: { a: { b: 1 } } },
      on: {
        A: { actions: assign(({ context }) => ({ ...context, n: (context.n + 1) % 3 })) },
        B: {
          actions: assign(({ context }) => ({ list: context.list.with(context.n, context.n) })),
        },
        C: {
          actions: assign(({ context }) => ({
            deep: { a: { b: context.deep.a.b === 1 ? 2 : 1 } },
          })),
        },
        D: { actions: assign(({ context }) => ({ list: [...context.list].reverse() })) },
      },
    }),
    events: types('A', 'B', 'C', 'D'),
  },
  {
    name: 'nested compounds with transitions on the way out',
    machine: createMachine({
      initial: 'off',
      states: {
        off: { on: { POWER: 'on.high' } },
        on: {
          initial: 'low',
          on: { POWER: 'off', RESET: { target: 'on', reenter: true }, SOFT: '.low' },
          states: {
            low: { on: { UP: 'high' } },
            high: { on: { UP: 'low' }, initial: 'x', states: { x: { on: { GO: 'y' } }, y: {} } },
          },
        },
      },
    }),
    events: types('POWER', 'UP', 'GO', 'RESET', 'SOFT'),
  },
  {
    name: 'shallow history',
    machine: createMachine({
      initial: 'on',
      states: {
        off: { on: { POWER: 'on.back' } },
        on: {
          initial: 'a',
          on: { POWER: 'off' },
          states: {
            a: { on: { GO: 'b' } },
            b: { initial: 'x', on: { GO: 'a' }, states: { x: { on: { IN: 'y' } }, y: {} } },
            back: { type: 'history' },
          },
        },
      },
    }),
    events: types('POWER', 'GO', 'IN'),
  },
  {
    name: 'deep history through a parallel state',
    machine: createMachine({
      initial: 'on',
      states: {
        off: { on: { POWER: 'on.back', FRESH: 'on' } },
        on: {
          type: 'parallel',
          on: { POWER: 'off' },
          states: {
            l: {
              initial: 'a',
              states: {
                a: { on: { L: 'b' } },
                b: { initial: 'x', on: { L: 'a' }, states: { x: { on: { M: 'y' } }, y: {} } },
              },
            },
            r: { initial: 'a', states: { a: { on: { R: 'b' } }, b: { on: { R: 'a' } } } },
            back: { type: 'history', history: 'deep' },
          },
        },
      },
    }),
    events: types('POWER', 'FRESH', 'L', 'M', 'R'),
  },
  {
    name: 'history with a default target',
    machine: createMachine({
      initial: 'off',
      states: {
        off: { on: { P: 'on.h' } },
        on: {
          initial: 'a',
          on: { P: 'off' },
          states: {
            a: { on: { G: 'b' } },
            b: { on: { G: 'c' } },
            c: {},
            h: { type: 'history', target: 'b' },
          },
        },
      },
    }),
    events: types('P', 'G'),
  },
  {
    name: 'always with guards, in chains',
    machine: createMachine({
      context: count(0),
      initial: 'idle',
      states: {
        idle: {
          always: { guard: ({ context }: Ctx) => context.n >= 3, target: 'full' },
          on: { ADD: { actions: assign({ n: ({ context }: Ctx) => context.n + 1 }) } },
        },
        full: {
          always: [{ guard: ({ context }: Ctx) => context.n > 4, target: 'over' }],
          on: {
            ADD: { actions: assign({ n: ({ context }: Ctx) => context.n + 1 }) },
            DROP: { target: 'idle', actions: assign({ n: 0 }) },
          },
        },
        over: { entry: assign({ n: 0 }), always: 'idle' },
      },
    } as never),
    events: types('ADD', 'DROP'),
  },
  {
    name: 'always in two regions that watch each other',
    machine: createMachine({
      type: 'parallel',
      states: {
        a: {
          initial: 'x',
          states: {
            x: { on: { A: 'y' } },
            y: { always: { guard: stateIn({ b: 'y' }), target: 'z' } },
            z: { on: { A: 'x' } },
          },
        },
        b: {
          initial: 'x',
          states: {
            x: { on: { B: 'y' } },
            y: { always: { guard: stateIn({ a: 'z' }), target: 'z' } },
            z: { on: { B: 'x' } },
          },
        },
      },
    }),
    events: types('A', 'B'),
  },
  {
    name: 'raise, entry and exit, in order',
    machine: createMachine({
      context: { trail: '' },
      initial: 'a',
      states: {
        a: {
          exit: assign({ trail: '' }),
          on: { GO: { target: 'b', actions: raise({ type: 'PING' }) } },
        },
        b: {
          entry: [assign({ trail: ({ context }) => `${context.trail}b` }), raise({ type: 'PONG' })],
          on: {
            PING: { actions: assign({ trail: ({ context }) => `${context.trail}ping` }) },
            PONG: {
              target: 'c',
              actions: assign({ trail: ({ context }) => `${context.trail}pong` }),
            },
          },
        },
        c: { entry: assign({ trail: ({ context }) => `${context.trail}c` }), on: { GO: 'a' } },
      },
    }),
    events: types('GO', 'PING', 'PONG'),
  },
  {
    name: 'raise with an expression over the context',
    machine: createMachine({
      context: count(0),
      on: {
        TICK: {
          actions: [
            assign({ n: ({ context }: Ctx) => (context.n + 1) % 4 }),
            raise(({ context }: Ctx) => ({ type: `AT${context.n}` })),
          ],
        },
        AT3: { actions: assign({ n: 0 }) },
        AT2: { actions: raise({ type: 'TICK' }) },
      },
    } as never),
    events: types('TICK'),
  },
  {
    name: 'final states, onDone and output of a region',
    machine: createMachine({
      context: { got: 0 },
      initial: 'work',
      states: {
        work: {
          initial: 'one',
          states: {
            one: { on: { GO: 'two', END: 'three' } },
            two: { type: 'final', output: 2 },
            three: {
              type: 'final',
              output: ({ context }: { context: { got: number } }) => context.got + 3,
            },
          },
          onDone: {
            target: 'rest',
            actions: assign({
              got: ({ event }: { event: { output: number } }) => event.output % 7,
            }),
          },
        },
        rest: { on: { AGAIN: 'work' } },
      },
    } as never),
    events: types('GO', 'END', 'AGAIN'),
  },
  {
    name: 'a parallel state that completes, and a machine that is done with output',
    machine: createMachine({
      context: { n: 7 },
      initial: 'both',
      output: ({ context }: Ctx) => ({ left: context.n, list: [context.n] }),
      states: {
        both: {
          type: 'parallel',
          states: {
            a: { initial: 'x', states: { x: { on: { A: 'y' } }, y: { type: 'final' } } },
            b: { initial: 'x', states: { x: { on: { B: 'y' } }, y: { type: 'final' } } },
            c: {
              type: 'parallel',
              states: {
                d: { initial: 'x', states: { x: { on: { D: 'y' } }, y: { type: 'final' } } },
                e: { initial: 'x', states: { x: { on: { E: 'y' } }, y: { type: 'final' } } },
              },
            },
          },
          onDone: 'end',
        },
        end: { type: 'final' },
      },
      on: { N: { actions: assign({ n: ({ context }: Ctx) => 15 - context.n }) } },
    } as never),
    events: types('A', 'B', 'D', 'E', 'N'),
  },
  {
    name: 'parametrised guards and actions by name',
    machine: setup({
      types: {
        context: {} as { n: number },
        events: {} as { type: 'SET'; to: number } | { type: 'ADD' },
      },
      guards: { below: ({ context }, params: { limit: number }) => context.n < params.limit },
      actions: {
        add: assign({ n: ({ context }, params: { by: number }) => context.n + params.by }),
      },
    }).createMachine({
      context: { n: 0 },
      on: {
        ADD: [
          {
            guard: { type: 'below', params: { limit: 5 } },
            actions: { type: 'add', params: { by: 2 } },
          },
          {
            guard: { type: 'below', params: ({ context }) => ({ limit: context.n + 1 }) },
            actions: { type: 'add', params: ({ context }) => ({ by: -context.n }) },
          },
        ],
        SET: { actions: assign({ n: ({ event }) => event.to }) },
      },
    }),
    events: [{ type: 'ADD' }, { type: 'SET', to: 3 }, { type: 'SET', to: 11 }],
  },
  {
    name: 'stateIn by id, and, or, not',
    machine: setup({
      guards: { even: ({ context }) => (context as { n: number }).n % 2 === 0 },
    }).createMachine({
      context: count(0),
      type: 'parallel',
      states: {
        a: {
          initial: 'x',
          states: {
            x: { on: { A: 'y' } },
            y: { id: 'deepY', on: { A: { target: 'x', guard: not(stateIn({ b: { p: 'q' } })) } } },
          },
        },
        b: {
          initial: 'o',
          states: {
            o: { on: { B: { target: 'p', guard: or([stateIn('#deepY'), 'even']) } } },
            p: { initial: 'q', states: { q: { on: { B: 'r' } }, r: { on: { B: '#back' } } } },
            back: { id: 'back', always: 'o' },
          },
        },
      },
      on: {
        N: {
          guard: and(['even', stateIn('#deepY')]),
          actions: assign({ n: ({ context }) => (context as { n: number }).n + 1 }),
        },
        M: {
          guard: not('even'),
          actions: assign({ n: ({ context }) => ((context as { n: number }).n + 1) % 4 }),
        },
      },
    } as never) as never,
    events: types('A', 'B', 'N', 'M'),
  },
  {
    name: 'enqueueActions with check, raise and closures over the context',
    machine: createMachine({
      context: { n: 0, last: 'none' },
      initial: 'a',
      states: { a: { on: { HOP: 'b' } }, b: { on: { HOP: 'a' } } },
      on: {
        GO: {
          actions: enqueueActions(({ context, enqueue, check }) => {
            enqueue.assign({ n: (context.n + 1) % 4 });
            if (check(stateIn('b')))
              enqueue.assign({ last: ({ context: later }: Ctx) => `b${later.n}` });
            if (context.n === 2) enqueue.raise({ type: 'TWO' });
          }),
        },
        TWO: { actions: assign({ last: 'two' }) },
      },
    }),
    events: types('GO', 'HOP'),
  },
  {
    name: 'Set, Map and typed array in the context',
    machine: createMachine({
      context: { set: new Set<number>(), map: new Map<string, number>(), bytes: new Uint8Array(3) },
      on: {
        ADD: {
          actions: assign({
            set: ({ context, event }) => new Set([...context.set, event['x'] as number]),
          }),
        },
        DEL: {
          actions: assign({
            set: ({ context, event }) => new Set([...context.set].filter((x) => x !== event['x'])),
          }),
        },
        MAP: {
          actions: assign({
            map: ({ context }) =>
              new Map(context.map).set('k', (context.map.size + (context.map.get('k') ?? 0)) % 3),
          }),
        },
        POKE: {
          guard: ({ context, event }: { context: { set: Set<number> }; event: { x: number } }) =>
            context.set.has(event.x),
          actions: assign({
            bytes: ({ context, event }) => {
              const copy = context.bytes.slice();
              copy[event['x'] as number] = 1;
              return copy;
            },
          }),
        },
      },
    } as never),
    events: [0, 1, 2].flatMap((x) => [
      { type: 'ADD', x },
      { type: 'DEL', x },
      { type: 'POKE', x },
      { type: 'MAP', x },
    ]),
  },
  {
    name: 'arrays that grow and shrink, keys that come and go',
    machine: createMachine({
      context: {
        queue: [] as { id: number }[],
        table: {} as Record<string, number>,
        last: null as { id: number } | null,
      },
      on: {
        PUSH: {
          guard: ({ context }: { context: { queue: object[] } }) => context.queue.length < 3,
          actions: assign({
            queue: ({ context, event }) => [...context.queue, { id: event['id'] as number }],
          }),
        },
        SHIFT: {
          actions: assign(({ context }) => ({
            queue: context.queue.slice(1),
            last: context.queue[0] ?? null,
          })),
        },
        KEY: {
          actions: assign({
            table: ({ context, event }) => ({
              ...context.table,
              [`k${event['id']}`]: context.queue.length,
            }),
          }),
        },
        UNKEY: {
          actions: assign({
            table: ({ context, event }) => {
              const { [`k${event['id']}`]: _, ...rest } = context.table;
              return rest;
            },
          }),
        },
      },
    } as never),
    events: [0, 1].flatMap((id) =>
      types('PUSH', 'SHIFT', 'KEY', 'UNKEY').map((e) => ({ ...e, id })),
    ),
  },
  {
    name: 'wildcards, forbidden events and events that nobody takes',
    machine: createMachine({
      context: count(0),
      initial: 'a',
      on: { '*': { actions: assign({ n: 1 }) }, 'mouse.*': '.b' },
      states: {
        a: { on: { QUIET: {}, NO: undefined } },
        b: { on: { BACK: { target: 'a', actions: assign({ n: 0 }) } } },
      },
    } as never),
    events: types('QUIET', 'NO', 'mouse.down', 'BACK', 'other'),
  },
  {
    name: 'input, lazy context, json and iteration over the context',
    machine: createMachine({
      context: ({ input }: { input: { size: number } }) => ({
        cells: Array.from({ length: input.size }, (_, i) => ({ at: i, on: false })),
      }),
      on: {
        FLIP: {
          actions: assign({
            cells: ({ context, event }: never) =>
              (context as { cells: object[] }).cells.map((c) =>
                (c as { at: number }).at === (event as { i: number }).i
                  ? { ...c, on: !(c as { on: boolean }).on }
                  : c,
              ),
          }),
        },
        CLEAR: {
          guard: ({ context }: never) =>
            JSON.stringify(context).includes('"on":true,') ||
            JSON.stringify(context).split('"on":true').length > 3,
          actions: assign({
            cells: ({ context }: never) =>
              structuredClone(
                JSON.parse(JSON.stringify(context as object)) as {
                  cells: { at: number; on: boolean }[];
                },
              ).cells.map((c) => ({ ...c, on: false })),
          }),
        },
      },
    } as never),
    events: [...[0, 1, 2, 3].map((i) => ({ type: 'FLIP', i })), { type: 'CLEAR' }],
    input: { size: 4 },
  },
  {
    name: 'one event for many regions, told apart by guards',
    machine: createMachine({
      type: 'parallel',
      states: Object.fromEntries(
        Array.from({ length: 5 }, (_, i) => [
          `r${i}`,
          {
            initial: 'a',
            states: {
              a: {
                on: {
                  GO: {
                    target: 'b',
                    guard: ({ event }: { event: { i?: number } }) => event.i === i || event.i === 9,
                  },
                },
              },
              b: {
                on: {
                  GO: {
                    target: 'a',
                    guard: ({ event }: { event: { i?: number } }) => event.i === i,
                  },
                },
              },
            },
          },
        ]),
      ),
    } as never),
    events: [0, 1, 2, 3, 4, 9].map((i) => ({ type: 'GO', i })),
  },
  {
    name: 'targets in several regions, reentering, log and emit',
    machine: createMachine({
      context: { entered: 0 },
      initial: 'p',
      states: {
        p: {
          type: 'parallel',
          entry: [
            assign({ entered: ({ context }) => (context.entered + 1) % 3 }),
            log('in'),
            emit({ type: 'in' }),
          ],
          on: { SPREAD: ['.l.b', '.r.b'], AGAIN: { target: 'p', reenter: true } },
          states: {
            l: { initial: 'a', states: { a: {}, b: { on: { L: 'a' } } } },
            r: { initial: 'a', states: { a: { on: { OUT: '#out' } }, b: { on: { R: 'a' } } } },
          },
        },
        out: { id: 'out', on: { AGAIN: 'p' } },
      },
    } as never),
    events: types('SPREAD', 'AGAIN', 'L', 'R', 'OUT'),
  },
  {
    name: 'special numbers and undefined keep apart',
    machine: createMachine({
      context: { x: 0 as unknown },
      on: {
        NEG: { guard: ({ context }) => Object.is(context.x, 0), actions: assign({ x: -0 }) },
        NAN: {
          guard: ({ context }) => Object.is(context.x, -0),
          actions: assign({ x: Number.NaN }),
        },
        UND: {
          guard: ({ context }) => Number.isNaN(context.x),
          actions: assign({ x: () => undefined }),
        },
        STR: {
          guard: ({ context }) => context.x === undefined,
          actions: assign({ x: 'undefined' }),
        },
        BIG: { guard: ({ context }) => context.x === 'undefined', actions: assign({ x: 10n }) },
        NUL: { guard: ({ context }) => context.x === 10n, actions: assign({ x: null }) },
      },
    }),
    events: types('NEG', 'NAN', 'UND', 'STR', 'BIG', 'NUL'),
  },
  { name: 'two-phase commit in regions, N = 3', machine: regions(3), events: eventsOf(3) },
  {
    name: 'two-phase commit in arrays, N = 3',
    machine: tables(3) as never,
    events: tableEventsOf(3),
  },
];
