/**
 * PNR-1: wherever an update is cancelled, times out or fails before the jump,
 * the host is, to the bit, what it would be had nobody asked for the update:
 * with the image loaded, and with the deferred work done that quiescing let
 * happen; only free pages that held the stream are dirty. Hosts come from random events; every step is tried.
 *
 * XEN_LU_SEED and XEN_LU_RUNS (natural numbers) choose other hosts, or more.
 */
import fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import { eventOf, type Raw } from '../../properties/arbitraries/history/event-of.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { type Difference, diffHosts, EXACT } from '../../src/host/diff.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { type HostEvent, steps as hostSteps } from '../../src/hypercalls/events.ts';
import { hostOf, newUpdate, type UpdateEvent } from '../../src/liveupdate/update.ts';
import { ran, version } from '../support/updates.ts';

const natural = (name: string, otherwise: number): number => {
  const n = Number(process.env[name] ?? '');
  return Number.isSafeInteger(n) && n > 0 ? n : otherwise;
};
const seed = natural('XEN_LU_SEED', 2021);
const numRuns = natural('XEN_LU_RUNS', 40);

type Snapshot = SnapshotFrom<typeof liveUpdate>;

const ENDS: readonly UpdateEvent[] = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
];

const happen = (host: Host, event: HostEvent): Host => {
  const ctx = { version: version(host.xen.build.version), design: defaultDesign };
  const result = apply(host, event, ctx);
  return isRight(result) ? result.right : host;
};

/** Deferred work among the steps of an update, or null: a step of the update itself. */
const workOf = (event: {
  readonly type: string;
  readonly progress?: HostEvent;
}): HostEvent | null => event.progress ?? (event.type in hostSteps ? (event as HostEvent) : null);

/** A free page that held part of the stream is dirty now, and must be scrubbed (F8.14). */
const isDirt = ({ path, before, after }: Difference): boolean =>
  /^xen\.frames\.0x[0-9a-f]+\.flags$/.test(path) &&
  before === FLAG.free &&
  after === (FLAG.free | FLAG.needScrub);

/** Aborts tried, by the name of the state in which they came. */
const tried = new Map<string, number>();

/** Steps after which there was something to undo. */
let toUndo = 0;

/** Every way to end the update of `host` early, at each of its steps before the jump. */
const abortEverywhere = (host: Host, to: string): void => {
  const { steps } = ran(host, { to });
  const start = newUpdate(host, version(host.xen.build.version), defaultDesign);
  let [at] = initialTransition(liveUpdate, start) as [Snapshot, unknown];
  let plain: Host | null = null;
  for (const { event } of steps) {
    if (event.type === 'lu.jump') return;
    [at] = transition(liveUpdate, at, event) as [Snapshot, unknown];
    const work = workOf(event);
    if (plain === null) plain = hostOf(at.context.world);
    else if (work !== null) plain = happen(plain, work);
    if (diffHosts(plain, hostOf(at.context.world), { ...EXACT, limit: 1 }).length > 0) toUndo++;
    for (const end of ENDS) {
      if (!at.can(end)) continue;
      const [aborting] = transition(liveUpdate, at, end) as [Snapshot, unknown];
      const [back] = transition(liveUpdate, aborting, { type: 'lu.rollback' }) as [
        Snapshot,
        unknown,
      ];
      const state = JSON.stringify(at.value);
      tried.set(`${state} ${end.type}`, (tried.get(`${state} ${end.type}`) ?? 0) + 1);
      const differ = diffHosts(plain, hostOf(back.context.world), EXACT).filter((d) => !isDirt(d));
      expect({ state, end: end.type, differ }).toEqual({ state, end: end.type, differ: [] });
      expect(hostOf(back.context.world).xen.instance).toBe(host.xen.instance);
    }
  }
};

const small = fc.nat(999);
const raw = fc.noBias(fc.tuple(fc.nat(99_999), fc.nat(9_999), small, small, small, small));
const ids = VERSIONS.map((v) => v.id);
const life = fc.record({
  from: fc.constantFrom(...ids),
  to: fc.constantFrom(...ids),
  events: fc.array(raw, { minLength: 5, maxLength: 120, size: 'max' }),
});
const start: Readonly<Record<string, Host>> = Object.fromEntries(
  VERSIONS.map(({ id, countRules }) => [id, mixedHost({ version: id, rules: countRules })]),
);

describe('PNR-1: an update that ends before the jump', () => {
  beforeAll(() => {
    fc.assert(
      fc.property(life, ({ from, to, events }) => {
        let host = start[from] as Host;
        for (const numbers of events as readonly Raw[]) host = happen(host, eventOf(host, numbers));
        abortEverywhere(host, to);
      }),
      { seed, numRuns, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
    );
  });

  test('has something to undo', () => {
    expect(toUndo).toBeGreaterThan(5 * numRuns);
  });

  test('was tried in each state that can be left, by each way to leave it', () => {
    const states = new Set([...tried.keys()].map((k) => k.split(' ')[0]));
    expect([...states].sort()).toEqual([
      '"quiescing"',
      '"sealed"',
      '{"saving":"complete"}',
      '{"saving":"domains"}',
      '{"saving":"system"}',
    ]);
    for (const state of states)
      for (const end of ENDS)
        expect(tried.get(`${state} ${end.type}`)).toBeGreaterThan(numRuns / 2);
  });
});
