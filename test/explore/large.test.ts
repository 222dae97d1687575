import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { exploreSync } from '../../src/explore/index.ts';
import { exploreByHands } from './local-hands.ts';

interface Domain {
  readonly paused: number;
  readonly grants: readonly { readonly ref: number; readonly flags: number }[];
}

interface Host {
  readonly frames: readonly { readonly owner: number; readonly count: number }[];
  readonly bytes: Uint32Array;
  readonly domains: Readonly<Record<string, Domain>>;
}

type HostEvent =
  | { readonly type: 'pause' | 'unpause'; readonly d: number }
  | { readonly type: 'get'; readonly mfn: number };

const change = (host: Host, d: number, by: number): Host => {
  const domain = host.domains[`d${d}`];
  if (domain === undefined) return host;
  const domains = { ...host.domains, [`d${d}`]: { ...domain, paused: domain.paused + by } };
  return { ...host, domains };
};

/** A host as one object: many leaves, few of which ever change. */
function hostOf(frames: number) {
  const domains: Record<string, Domain> = {};
  for (let d = 0; d < 3; d++) {
    const grants = Array.from({ length: frames / 4 }, (_, ref) => ({ ref, flags: 0 }));
    domains[`d${d}`] = { paused: 0, grants };
  }
  const host: Host = {
    frames: Array.from({ length: frames }, (_, mfn) => ({ owner: mfn % 3, count: 0 })),
    bytes: new Uint32Array(frames),
    domains,
  };
  const pausedOf = (context: { host: Host }, d: number) => context.host.domains[`d${d}`]?.paused;
  return createMachine({
    types: { context: {} as { host: Host }, events: {} as HostEvent },
    context: { host },
    on: {
      pause: {
        guard: ({ context, event }) => (pausedOf(context, event.d) ?? 2) < 2,
        actions: assign({ host: ({ context, event }) => change(context.host, event.d, 1) }),
      },
      unpause: {
        guard: ({ context, event }) => (pausedOf(context, event.d) ?? 0) > 0,
        actions: assign({ host: ({ context, event }) => change(context.host, event.d, -1) }),
      },
      get: {
        guard: ({ context, event }) => context.host.frames[event.mfn]?.count === 0,
        actions: assign({
          host: ({ context, event }) => ({
            ...context.host,
            frames: context.host.frames.map((frame, mfn) =>
              mfn === event.mfn ? { ...frame, count: 1 } : frame,
            ),
          }),
        }),
      },
    },
  });
}

const events = [
  ...[0, 1, 2].flatMap((d) => [
    { type: 'pause', d },
    { type: 'unpause', d },
  ]),
  { type: 'get', mfn: 1 },
  { type: 'get', mfn: 3 },
] as HostEvent[];

describe('a context of thousands of leaves', () => {
  test('what never changes makes no difference to what is found', async () => {
    const small = exploreSync(hostOf(8), { events });
    expect(small).toMatchObject({ verdict: 'holds', states: 27 * 4, depth: 8 });
    const large = exploreSync(hostOf(2000), { events });
    const { verdict, states, edges, depth, bytesPerState } = small;
    expect(large).toMatchObject({ verdict, states, edges, depth, bytesPerState });
    const together = await exploreByHands(hostOf(400), { events } as never);
    expect(together).toMatchObject({ verdict, states, edges, depth });
  });

  test('a trace tells all of it, in values that are the reader’s own', () => {
    const result = exploreSync(hostOf(400), {
      events,
      always: { 'd2 runs': ({ context }) => context.host.domains['d2']?.paused !== 2 },
    });
    if (result.verdict !== 'violated' || result.trace === undefined) throw new Error('holds');
    const { steps } = result.trace;
    expect(steps.map(({ event }) => event)).toEqual(Array(2).fill({ type: 'pause', d: 2 }));
    const last = steps.at(-1);
    if (last === undefined) throw new Error('no steps');
    const { host } = last.state.context as { host: { frames: { count: number }[] } };
    expect(host.frames).toHaveLength(400);
    for (const frame of host.frames) frame.count = 7;
  });

  test.each([
    [
      'an object',
      (host: { frames: { count: number }[] }) => Object.assign(host.frames[0] ?? {}, { count: 9 }),
    ],
    ['an array', (host: { frames: { count: number }[] }) => host.frames.push({ count: 1 })],
    ['a typed array', (host: { bytes: Uint32Array }) => host.bytes.fill(1)],
  ])('%s that is changed in place is told', (_, mutate) => {
    const machine = createMachine({
      context: { host: { frames: [{ count: 0 }], bytes: new Uint32Array(4) }, n: 0 },
      on: {
        GO: {
          actions: assign({
            n: ({ context }) => {
              mutate(context.host as never);
              return 0;
            },
          }),
        },
      },
    });
    const result = exploreSync(machine, {});
    expect(result).toMatchObject({ verdict: 'error', fault: { kind: 'mutates' } });
  });
});
