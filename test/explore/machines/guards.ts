/** Small machines about guards and actions by name, with parameters, and made of others. */
import { and, assign, createMachine, enqueueActions, not, or, setup, stateIn } from 'xstate';
import { type Ctx, count, type Example, types } from './example.ts';

export const guards: readonly Example[] = [
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
];
