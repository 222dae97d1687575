/**
 * Two worlds that differ only in this: in one a Live Update happens now and
 * then. Both get the same events, and whatever a guest is told or can see
 * must be the same in both.
 *
 * What may differ, and why:
 * - what `ACROSS_UPDATE` (`src/host/may-change.ts`) lists, with its reasons;
 * - which free frame somebody gets next, since nobody was promised one: events
 *   that take a frame from the heap are left out after the first update;
 * - how far an interrupted validation of a page table is: the call that goes
 *   on with it starts over (Q6). It is finished before each update, in both;
 * - when deferred work is done. Quiescing finishes it, which may happen at any
 *   moment without an update too; so the world without one does the same work.
 */
import { isRight } from 'fp-ts/lib/Either.js';
import { eventOf, type Raw } from '../../properties/arbitraries/history/event-of.ts';
import type { Design } from '../../src/design/design.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { diffHosts } from '../../src/host/diff.ts';
import { FLAG, frameCount, hasFlag } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { type HostEvent, steps as hostSteps } from '../../src/hypercalls/events.ts';
import { ran, version } from '../support/updates.ts';

/** What became of an event: what its caller is told, or the host that it led to. */
interface Answer {
  readonly told: string;
  readonly host: Host;
}

const step = (host: Host, event: HostEvent): Answer => {
  const ctx = { version: version(host.xen.build.version), design: defaultDesign };
  const result = apply(host, event, ctx);
  if (isRight(result)) return { told: 'done', host: result.right };
  return { told: result.left === 'not enabled' ? result.left : result.left.errno, host };
};

/** Deferred work that quiescing let happen, or null: another step of the update. */
const workOf = (event: {
  readonly type: string;
  readonly progress?: HostEvent;
}): HostEvent | null => event.progress ?? (event.type in hostSteps ? (event as HostEvent) : null);

/** Gives a frame back and takes the lowest: that may be the same. */
const EXCHANGES: readonly string[] = ['memory.exchange'];

const takesFreeFrame = (event: HostEvent, before: Host, after: Host): boolean => {
  if (EXCHANGES.includes(event.type)) return true;
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

/** Random events before the first update; then rounds of an update and random events. */
export interface Story {
  readonly before: readonly Raw[];
  readonly rounds: readonly { readonly to: string; readonly events: readonly Raw[] }[];
}

export interface Told {
  readonly updates: number;
  readonly refused: number;
  /** Events that both worlds saw after an update. */
  readonly compared: number;
  /** First differences; empty: nobody noticed anything. */
  readonly noticed: readonly string[];
}

const show = (path: string, before: unknown, after: unknown): string =>
  `${path}: ${JSON.stringify(before)} without, ${JSON.stringify(after)} with an update`;

/** Plays a story in both worlds. `design` is the one that the updates obey. */
export const play = (start: Host, story: Story, design: Design = defaultDesign): Told => {
  let plain = start;
  for (const raw of story.before) plain = step(plain, eventOf(plain, raw)).host;
  let updated = plain;
  let [updates, refused, compared] = [0, 0, 0];
  for (const { to, events } of story.rounds) {
    plain = withoutPartialTables(plain);
    updated = withoutPartialTables(updated);
    const { outcome, steps } = ran(updated, { to, design });
    const at = { updates, refused, compared };
    if (outcome.kind === 'crashed') return { ...at, noticed: [`xen#2 crashed: ${outcome.what}`] };
    if (outcome.kind === 'refused') refused++;
    else updates++;
    for (const { event } of steps) {
      const work = workOf(event);
      if (work !== null) plain = step(plain, work).host;
    }
    updated = steps.at(-1)?.host ?? updated;
    if (outcome.kind === 'resumed') plain = as(plain, to);
    for (const raw of events) {
      const event = eventOf(plain, raw);
      const without = step(plain, event);
      if (takesFreeFrame(event, plain, without.host)) continue;
      const withOne = step(updated, event);
      compared++;
      if (without.told !== withOne.told)
        return {
          ...{ updates, refused, compared },
          noticed: [show(JSON.stringify(event), without.told, withOne.told)],
        };
      plain = without.host;
      updated = withOne.host;
    }
    const seen = diffHosts(plain, updated, { limit: 5 });
    if (seen.length > 0)
      return {
        ...{ updates, refused, compared },
        noticed: seen.map((d) => show(d.path, d.before, d.after)),
      };
  }
  return { updates, refused, compared, noticed: [] };
};
