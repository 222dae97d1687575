/**
 * Every step that a Live Update could take next by itself, in the order of a
 * fair and deterministic scheduler: whatever can be parked is, in order of the
 * domids, and whatever stands in the way gets to move. The first of them is
 * the fair run's; all of them are the search's. Faults, cancels and time-outs
 * are nobody's next step: they come from outside.
 */
import type { SnapshotFrom } from 'xstate';
import type { liveUpdate } from '../../machines/live-update.ts';
import { numericKeys } from '../host/codec.ts';
import type { XenBuild } from '../host/system.ts';
import {
  hostOf,
  mayPark,
  mayRestore,
  mayResume,
  maySave,
  type Update,
} from '../liveupdate/update.ts';
import { happens, type WorldEvent } from '../world/world.ts';

export type Snapshot = SnapshotFrom<typeof liveUpdate>;

/** The image that kexec_load is given. */
export interface Image {
  readonly build: XenBuild;
  readonly commandLine: string;
  /** As in `kexec.load`. */
  readonly lowestSegment?: number;
}

export const topState = (s: Snapshot): string =>
  typeof s.value === 'string' ? s.value : (Object.keys(s.value)[0] as string);

/** States in which no update is under way. */
const AT_REST: readonly string[] = ['idle', 'loaded', 'refused', 'done'];
export const isAtRest = (s: Snapshot): boolean => AT_REST.includes(topState(s));
/** States in which guests and dom0 run, whole or in part. */
export const isOpen = (s: Snapshot): boolean => isAtRest(s) || topState(s) === 'quiescing';

const PASSES = ['restore.0a', 'restore.0b', 'restore.0c', 'restore.1', 'restore.2'] as const;

const quiesce = (u: Update): WorldEvent[] => {
  const parks = numericKeys(hostOf(u).xen.domains)
    .filter((domid) => mayPark(u, domid))
    .map((domid): WorldEvent => ({ type: 'lu.park', domid }));
  const moves = u.obstacles
    .flatMap((o): WorldEvent[] => (o.progress === null ? [] : [{ ...o.progress }]))
    .filter((event) => happens(u, event));
  return [...parks, ...moves];
};

const restore = (u: Update): WorldEvent[] => {
  const domids = numericKeys(u.restoring?.stream?.domains ?? {});
  const passes = PASSES.flatMap((type) =>
    domids.map((domid) => ({ type, domid })).filter((event) => mayRestore(u, event)),
  );
  return passes.length > 0 ? passes : [{ type: 'restore.system' }];
};

/** The steps that the update may take now, the fair scheduler's first; none: it waits, or is over. */
export const updateSteps = (s: Snapshot, image: Image): readonly WorldEvent[] => {
  const u = s.context.world;
  switch (topState(s)) {
    case 'idle':
      return [{ type: 'kexec.load', ...image }];
    case 'loaded':
      return [{ type: 'lu.request' }];
    case 'quiescing':
      return quiesce(u);
    case 'saving': {
      if (s.matches({ saving: 'system' })) return [{ type: 'lu.save.system' }];
      const saves = numericKeys(hostOf(u).xen.domains).filter((domid) => maySave(u, domid));
      return saves.length === 0
        ? [{ type: 'lu.save.seal' }]
        : saves.map((domid): WorldEvent => ({ type: 'lu.save.domain', domid }));
    }
    case 'sealed':
      return [{ type: 'lu.jump' }];
    case 'aborting':
      return [{ type: 'lu.rollback' }];
    case 'booting':
      return [{ type: 'xen2.boot' }];
    case 'mapping':
      return [{ type: 'xen2.map-stream' }];
    case 'reserving':
      return [{ type: 'xen2.reserve' }];
    case 'restoring':
      return restore(u);
    case 'verifying':
      return [{ type: 'restore.verify' }];
    case 'resuming':
      return numericKeys(hostOf(u).xen.domains)
        .filter((domid) => mayResume(u, domid))
        .map((domid): WorldEvent => ({ type: 'lu.resume', domid }));
    default:
      return [];
  }
};
