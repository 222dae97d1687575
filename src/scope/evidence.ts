/**
 * What an update is judged against when it ends: the host as it was when
 * everything stood still. Remembered from the save, or from the moment at
 * which it was given up, until the next update begins.
 */

import { numericKeys } from '../host/codec.ts';
import type { Host } from '../host/host.ts';
import { unpark } from '../liveupdate/pause.ts';
import { hostOf } from '../liveupdate/update.ts';
import type { World } from '../world/world.ts';

/** `null`: not known (any more); absent: as it was. */
export interface Evidence {
  readonly before?: Host | null;
  readonly saved?: Host | null;
}

/** The host without the pauses of the update itself. */
const unparked = (host: Host): Host =>
  numericKeys(host.xen.domains).reduce((h, id) => {
    const d = h.xen.domains[id];
    return d === undefined ? h : unpark(h, d);
  }, host);

const GIVING_UP = ['noteTimeout', 'noteCancel', 'noteFailure', 'refuseHopeless'];

/** What an action of the live-update chart adds to the evidence, by its name. */
export const evidenceOf = (action: string, world: World): Evidence => {
  if (action === 'saveGlobals') {
    const saved = hostOf(world);
    return { saved, before: unparked(saved) };
  }
  // From the save on nobody but the update changes anything.
  if (GIVING_UP.includes(action) && world.records.length === 0)
    return { before: unparked(hostOf(world)) };
  // Whoever goes on behind a refusal makes another host of it.
  if (action === 'step') return { before: null };
  return action === 'check' || action === 'settle' ? { before: null, saved: null } : {};
};
