/**
 * The host as it would be had nobody asked for the update: only the deferred
 * work is done that quiescing let happen, which might happen at any moment.
 */
import { isRight } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import type { XenVersion } from '../../src/design/versions.ts';
import { type Difference, diffHosts, EXACT } from '../../src/host/diff.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { ACROSS_UPDATE } from '../../src/host/may-change.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { isHostEvent, type WorldEvent } from '../../src/world/world.ts';

/** A host after one step of an update: what else than the update's own has happened. */
export const withWork = (
  host: Host,
  event: WorldEvent,
  version: XenVersion,
  design: Design,
): Host => {
  if (!isHostEvent(event)) return host;
  const next = apply(host, event, { version, design });
  return isRight(next) ? next.right : host;
};

/** A free page that held part of the stream is dirty now, and must be scrubbed (F8.14). */
const isDirt = ({ path, before, after }: Difference): boolean =>
  /^xen\.frames\.0x[0-9a-f]+\.flags$/.test(path) &&
  before === FLAG.free &&
  after === (FLAG.free | FLAG.needScrub);

/** Parking takes vCPUs off their CPUs; who gets one next is the scheduler's matter, at any time. */
const SCHEDULING = ACROSS_UPDATE.filter((m) => m.path === 'xen.domains.*.vcpus.*.runningOn');

/** What an update that was given up left behind, to the bit; dirt on free pages is allowed. */
export const leftBehind = (unasked: Host, now: Host): readonly string[] =>
  diffHosts(unasked, now, { ...EXACT, mayChange: SCHEDULING })
    .filter((d) => !isDirt(d))
    .map((d) => `${d.path}: ${JSON.stringify(d.before)} -> ${JSON.stringify(d.after)}`);
