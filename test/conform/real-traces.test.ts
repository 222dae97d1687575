/** The real traces are what the machines allow, and say what they show. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { CHARTS } from '../../machines/charts.ts';
import domain from '../../machines/domain.ts';
import { type ConformResult, conformBytes } from '../../src/conform/conform-trace.ts';
import type { AnyChart } from '../../src/world/chart.ts';
import { realTrace, TRACES, type TraceName } from '../xen/trace/real.ts';

const conform = async (name: TraceName, charts: readonly AnyChart[] = CHARTS) => {
  const done = await conformBytes(name, [await realTrace(name)], { charts });
  if (E.isLeft(done)) throw new Error(done.left.text);
  return done.right;
};

/** How often a transition was surely taken. */
const seen = (r: ConformResult, machine: string, from: string, event: string, to: string) =>
  r.machines
    .find(({ name }) => name === machine)
    ?.transitions.filter((t) => t.from === from && t.event === event && t.to === to)
    .map((t) => t.seen);

describe.each(TRACES)('%s', (name) => {
  test('is accepted, nearly all of it checked', async () => {
    const result = await conform(name);
    expect(result.divergence).toBeNull();
    expect(result.checked).toBeGreaterThan(0.99 * result.records);
    expect(result.lost).toBe(0);
  });
});

test('a raw pause and unpause are seen to be that', async () => {
  const result = await conform('06-domctl-pause-unpause');
  const times = (...t: [string, string, string]) => seen(result, 'domain', ...t);
  expect(
    times('alive.controller.released', 'domctl.pausedomain', 'alive.controller.pausedOnce'),
  ).toEqual([1]);
  expect(
    times('alive.scheduling.stopped', 'domctl.unpausedomain', 'alive.scheduling.running'),
  ).toEqual([1]);
  expect(
    seen(result, 'vcpu', 'present.activity.guest', 'sched.block', 'present.activity.blocked')?.[0],
  ).toBeGreaterThan(800);
});

test('two whole lives: created, started, gone', async () => {
  const result = await conform('20-whole-lifecycle');
  const times = (...t: [string, string, string]) => seen(result, 'domain', ...t);
  expect(times('absent', 'domctl.createdomain', 'alive')).toEqual([2]);
  expect(
    times('alive.controller.created', 'domctl.unpausedomain', 'alive.controller.released'),
  ).toEqual([2]);
  expect(times('alive', 'domctl.destroydomain', 'dying.gnttab_mappings')).toEqual([2]);
});

/** The chart without the transitions of one event in all states whose name ends so. */
const without = (event: string, state: string): AnyChart => {
  interface Config {
    readonly on?: Record<string, unknown>;
    readonly states?: Record<string, Config>;
  }
  const prune = (config: Config, name: string): Config => ({
    ...config,
    ...(config.on === undefined
      ? {}
      : {
          on: Object.fromEntries(
            Object.entries(config.on).filter(([e]) => !(e === event && name === state)),
          ),
        }),
    ...(config.states === undefined
      ? {}
      : {
          states: Object.fromEntries(
            Object.entries(config.states).map(([key, child]) => [key, prune(child, key)]),
          ),
        }),
  });
  const config = prune(domain.machine.config as Config, '');
  return { ...domain, machine: { id: 'domain', config } as never };
};

test.each([
  ['domctl.createdomain', 'absent', '20-whole-lifecycle'],
  ['domctl.unpausedomain', 'created', '20-whole-lifecycle'],
  ['domctl.destroydomain', 'alive', '20-whole-lifecycle'],
  ['rcu.run', 'destroyed', '20-whole-lifecycle'],
  ['domctl.unpausedomain', 'stopped', '06-domctl-pause-unpause'],
] as const)('a machine without %s in %s does not allow it', async (event, state, name) => {
  const result = await conform(name, [without(event, state)]);
  expect(result.divergence?.subject).toMatch(/^domain d/);
});
