/** One list, changed in each of the ways in which people copy lists. */
import { assign, createMachine } from 'xstate';
import type { Example } from './example.ts';

type All = {
  context: { v: string[]; w: string[]; c: number };
  event: { type: string; i?: number };
};
type Change = (all: All) => string[];

const at = (event: All['event']) => event.i ?? 0;

const changes: Readonly<Record<string, Change>> = {
  map: ({ context, event }) => context.v.map((o, j) => (j === at(event) ? 'p' : o)),
  mapInline: ({ context, event: { i } }) => context.v.map((o, j) => (j === i ? 'q' : o)),
  mapNeighbour: ({ context, event: { i } }) =>
    context.v.map((o, j, all) => (j === i && all[j + 1] === 'q' ? 'n' : o)),
  // The callback remembers: what it gives for an item hangs on those before it.
  mapWithMemory: ({ context }) => {
    let seen = false;
    return context.v.map((x) => {
      if (x === 'p' && !seen) {
        seen = true;
        return 'q';
      }
      return x;
    });
  },
  mapOfAnother: ({ context }) => context.w.map.call(context.v, (x) => x) as string[],
  with: ({ context, event }) => context.v.with(at(event), context.v[0] ?? ''),
  withFromTheEnd: ({ context }) => context.v.with(-1, 'p'),
  sliceThenSet: ({ context, event }) => {
    const copy = context.v.slice();
    if (copy[1] === 'p') copy[at(event)] = 'n';
    return copy;
  },
  sliceThenSort: ({ context }) => context.v.slice().sort(),
  sliceThenSwap: ({ context }) => {
    const copy = context.v.slice(0, 2).concat(context.v.slice(2));
    [copy[0], copy[1]] = [copy[1] ?? '', copy[0] ?? ''];
    return copy;
  },
  spread: ({ context }) => [...context.v.slice(1), context.v[0] ?? ''],
  mapThenLook: ({ context }) => {
    const copy = context.v.map((x) => (x === 'n' ? 'w' : x));
    return copy.includes('p') ? copy : context.v;
  },
  mapThenMap: ({ context }) => context.v.map((x) => (x === 'w' ? 'n' : x)).map((x) => x),
};

/** A machine with one of the ways, and ways to make the items differ. */
function machineOf(name: string, change: Change): Example {
  const set = (v: Change) => ({ actions: assign({ v } as never) });
  return {
    name,
    machine: createMachine({
      context: { v: ['w', 'w', 'w'], w: ['n', 'w'], c: 0 },
      on: {
        CHANGE: set(change),
        PUT: set(({ context, event }) => context.v.map((o, j) => (j === at(event) ? 'p' : o))),
        TURN: set(({ context, event }) =>
          context.v.with(at(event), context.v[at(event)] === 'q' ? 'n' : 'q'),
        ),
        COUNT: {
          guard: ({ context }: All) => context.v[2] === 'p',
          actions: assign({ c: ({ context }: All) => 1 - context.c } as never),
        },
      },
    } as never),
    events: [0, 1, 2]
      .flatMap((i) => ['CHANGE', 'PUT', 'TURN'].map((type) => ({ type, i })))
      .concat({ type: 'COUNT', i: 0 }),
  };
}

export const copies: readonly Example[] = Object.entries(changes).map(([name, change]) =>
  machineOf(name, change),
);
