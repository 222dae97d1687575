/** Small machines about states: compound, parallel, history, final. */
import { assign, createMachine } from 'xstate';
import { type Ctx, type Example, types } from './example.ts';

export const states: readonly Example[] = [
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
];
