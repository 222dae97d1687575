/** Small machines about contexts: how they are assigned, and what may be in them. */
import { assign, createMachine } from 'xstate';
import { type Ctx, count, type Example, types } from './example.ts';

export const contexts: readonly Example[] = [
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
];
