/**
 * Two worlds that differ only in this: in one a Live Update happens now and
 * then. Both get the same events, and whatever a guest is told or can see
 * must be the same in both.
 * What may differ, and why, is `may-notice.ts`.
 */
import { isRight } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS, type XenVersion } from '../../src/design/versions.ts';
import { HYPERVISOR } from '../../src/host/constants.ts';
import { diffHosts } from '../../src/host/diff.ts';
import { FLAG, frameCount, hasFlag } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { runUpdate } from '../../src/trace/run-update.ts';
import { isHostEvent } from '../../src/world/world.ts';
import { eventOf, type Raw } from '../arbitraries/history/event-of.ts';
import { COMMAND_LINE } from './judged.ts';

/** What became of an event: what its caller is told, or the host that it led to. */
interface Answer {
  readonly told: string;
  readonly host: Host;
}

const step = (host: Host, event: HostEvent): Answer => {
  const version = VERSIONS.find((v) => v.id === host.xen.build.version) as XenVersion;
  const result = apply(host, event, { version, design: defaultDesign });
  if (isRight(result)) return { told: 'done', host: result.right };
  return { told: result.left === 'not enabled' ? result.left : result.left.errno, host };
};

/** Gives frames back and takes the lowest, which may be the same, or one that comes next in its list. */
const exchanges = (event: HostEvent, before: Host): boolean => {
  if (event.type === 'memory.exchange' || event.type === 'memory.extents') return true;
  if (event.type !== 'hypercall.reenter' && event.type !== 'hypercall.finish') return false;
  const r = before.xen.domains[event.domid]?.vcpus[event.vcpu]?.registers;
  return r?.rax === HYPERVISOR.memory_op || r?.rax === HYPERVISOR.multicall;
};

const takesFreeFrame = (event: HostEvent, before: Host, after: Host): boolean => {
  if (exchanges(event, before)) return true;
  const [a, b] = [before.xen.frames, after.xen.frames];
  if (a === b) return false;
  for (let f = 0; f < frameCount(a); f++)
    if (hasFlag(a, f, FLAG.free) && !hasFlag(b, f, FLAG.free)) return true;
  return false;
};

/**
 * The host under another version's code, by a miracle: what two versions do
 * differently in a hypercall is no fault of an update between them.
 */
const as = (host: Host, id: string): Host => ({
  ...host,
  xen: { ...host.xen, build: { ...host.xen.build, version: id } },
});

/** The host with every interrupted MM hypercall finished. */
const withoutPartialTables = (host: Host): Host => {
  let now = host;
  for (const d of Object.values(host.xen.domains))
    for (const v of d.vcpus)
      for (const type of ['mm.put-old-table', 'mmuext.pin-continue'] as const)
        now = step(now, { type, domid: d.domid, vcpu: v.id }).host;
  return now;
};

/** An update to a version, and random events after it. */
export interface Round {
  readonly to: XenVersion;
  readonly events: readonly Raw[];
}

export interface Told {
  readonly updates: number;
  /** From which version to which: "4.17 -> 4.20", one for each of them. */
  readonly pairs: readonly string[];
  readonly refused: number;
  /** Events that both worlds saw after an update. */
  readonly compared: number;
  /** First differences; empty: nobody noticed anything. */
  readonly noticed: readonly string[];
}

const show = (path: string, before: unknown, after: unknown): string =>
  `${path}: ${JSON.stringify(before)} without, ${JSON.stringify(after)} with an update`;

/** The update of one world to its end: the host, and what else was done meanwhile. */
const updateWorld = (host: Host, to: XenVersion, design: Design) => {
  const from = VERSIONS.find((v) => v.id === host.xen.build.version) as XenVersion;
  const work: HostEvent[] = [];
  let after = host;
  const build = { ...host.xen.build, version: to.id };
  const request = { host, from, build, commandLine: COMMAND_LINE, design };
  const outcome = runUpdate(request, ({ event, host: now }) => {
    after = now;
    if (isHostEvent(event)) work.push(event);
  });
  return { outcome, after, work };
};

/**
 * Plays rounds of updates and events from one host in both worlds. `design`
 * is the one that the updates obey.
 */
export const play = (start: Host, rounds: readonly Round[], design: Design): Told => {
  let [plain, updated] = [start, start];
  const pairs: string[] = [];
  const told = { updates: 0, pairs, refused: 0, compared: 0 };
  for (const { to, events } of rounds) {
    plain = withoutPartialTables(plain);
    updated = withoutPartialTables(updated);
    const { outcome, after, work } = updateWorld(updated, to, design);
    if (outcome.kind === 'crashed') return { ...told, noticed: [`xen#2 crashed: ${outcome.what}`] };
    if (outcome.kind === 'refused') told.refused++;
    else told.updates++;
    if (outcome.kind === 'resumed') pairs.push(`${updated.xen.build.version} -> ${to.id}`);
    for (const event of work) plain = step(plain, event).host;
    updated = after;
    if (outcome.kind === 'resumed') plain = as(plain, to.id);
    for (const raw of events) {
      const event = eventOf(plain, raw);
      const without = step(plain, event);
      if (takesFreeFrame(event, plain, without.host)) continue;
      const withOne = step(updated, event);
      told.compared++;
      if (without.told !== withOne.told)
        return { ...told, noticed: [show(JSON.stringify(event), without.told, withOne.told)] };
      plain = without.host;
      updated = withOne.host;
    }
    const seen = diffHosts(plain, updated, { limit: 5 });
    if (seen.length > 0)
      return { ...told, noticed: seen.map((d) => show(d.path, d.before, d.after)) };
  }
  return { ...told, noticed: [] };
};
