/** The real traces are what the machines allow, and say what they show. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { CHARTS } from '../../machines/charts.ts';
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

test('the end of a domain: asked for, every phase, a zombie, gone', async () => {
  const result = await conform('20-whole-lifecycle');
  const times = (...t: [string, string, string]) => seen(result, 'destroy-domain', ...t);
  expect(times('untouched', 'domctl.destroydomain', 'teardown')).toEqual([2]);
  const resources = 'teardown.work.relinquish_resources';
  for (const [phase, next] of [
    ['teardown.work.evtchn', `${resources}.pci`],
    [`${resources}.xen`, `${resources}.l4`],
    [`${resources}.l4`, `${resources}.l3`],
    [`${resources}.rest`, 'teardown.work.finishing'],
  ] as const) {
    expect(times(phase, 'domain.kill', next)).toEqual([2]);
  }
  const call = (...t: [string, string, string]) => seen(result, 'hypercall', ...t);
  const destroying = 'preempted.perDomain.destroydomain';
  expect(call('none', 'domctl.destroydomain', destroying)).toEqual([2]);
  expect(call(destroying, 'domain.kill', 'none')).toEqual([2]);
  const table = (...t: [string, string, string]) => seen(result, 'grant', ...t);
  expect(table('table.noTable', 'domctl.createdomain', 'table.v1')).toEqual([2]);
  expect(table('table', '*', 'table.noTable')).toEqual([2]);
});

test('one destroydomain of 256 MiB is 38 entries of hypercall 36, or 37', async () => {
  const { entries } = await conform('12-domctl-destroy-B-256M');
  expect(entries.find(({ op }) => op === 36)).toMatchObject({
    name: 'domctl',
    entries: 43,
    first: 6,
    reentered: 36,
    unclear: 1,
    longest: { vcpu: 'd0v0', least: 37, most: 38 },
  });
});

/** The chart without the transitions of one event in all states whose name ends so. */
const without = (name: string, event: string, state: string): AnyChart[] => {
  interface Config {
    readonly on?: Record<string, unknown>;
    readonly states?: Record<string, Config>;
  }
  const prune = (config: Config, key: string): Config => ({
    ...config,
    ...(config.on === undefined
      ? {}
      : {
          on: Object.fromEntries(
            Object.entries(config.on).filter(([e]) => !(e === event && key === state)),
          ),
        }),
    ...(config.states === undefined
      ? {}
      : {
          states: Object.fromEntries(
            Object.entries(config.states).map(([child, c]) => [child, prune(c, child)]),
          ),
        }),
  });
  return CHARTS.filter((c) => c.name === name).map((c) => {
    const config = prune(c.machine.config as Config, '');
    return { ...c, machine: { id: name, config } as never };
  });
};

test.each([
  ['domain', 'domctl.createdomain', 'absent', '20-whole-lifecycle'],
  ['domain', 'domctl.unpausedomain', 'created', '20-whole-lifecycle'],
  ['domain', 'domctl.destroydomain', 'alive', '20-whole-lifecycle'],
  ['domain', 'domain.kill', 'evtchn', '20-whole-lifecycle'],
  ['domain', 'domain.kill', 'finishing', '20-whole-lifecycle'],
  ['domain', 'rcu.run', 'destroyed', '20-whole-lifecycle'],
  ['domain', 'domctl.unpausedomain', 'stopped', '06-domctl-pause-unpause'],
  ['destroy-domain', 'domctl.destroydomain', 'untouched', '20-whole-lifecycle'],
  ['destroy-domain', 'domain.kill', 'l2', '20-whole-lifecycle'],
  ['destroy-domain', 'domain.kill', 'finishing', '20-whole-lifecycle'],
  ['destroy-domain', '*', 'held', '12-domctl-destroy-B-256M'],
  ['hypercall', 'domctl.destroydomain', 'none', '20-whole-lifecycle'],
  ['hypercall', 'domain.kill', 'destroydomain', '20-whole-lifecycle'],
  ['grant', 'domctl.createdomain', 'absent', '01-create-paused'],
  ['grant', 'grant.offer', 'invalid', '01-create-paused'],
  ['grant', 'grant.map', 'idle', '01-create-paused'],
  ['grant', 'grant.map', 'unmapped', '01-create-paused'],
  ['grant', '*', 'table', '20-whole-lifecycle'],
] as const)('%s without %s in %s does not allow it', async (machine, event, state, name) => {
  const result = await conform(name, without(machine, event, state));
  expect(result.divergence?.subject).toMatch(new RegExp(`^${machine} (of |that ends )?d`));
});
