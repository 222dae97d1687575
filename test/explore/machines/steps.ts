/** Small machines about what one step is: eventless transitions, raised events, many regions at once. */
import { assign, createMachine, emit, log, raise, stateIn } from 'xstate';
import { type Ctx, count, type Example, types } from './example.ts';

export const steps: readonly Example[] = [
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
];
