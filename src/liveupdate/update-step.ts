/**
 * What each event of the update does, by its name. The machine asks for it
 * when it is the event's turn; other charts ask what it would lead to.
 */

import type { Update, UpdateEvent } from './update.ts';
import * as steps from './update.ts';

type Steps = {
  readonly [K in UpdateEvent['type']]: (
    u: Update,
    event: UpdateEvent & { readonly type: K },
  ) => Update;
};

const STEPS: Steps = {
  'kexec.load': steps.load,
  'kexec.load_default': steps.loadDefault,
  'kexec.unload': steps.unload,
  'kexec.exec': steps.execDefault,
  'lu.request': steps.check,
  'lu.park': (u, e) => steps.parkDomain(u, e.domid),
  'lu.cancel': (u) => steps.note(u, 'cancelled'),
  'lu.timeout': (u) => steps.note(u, 'timed out'),
  'lu.fail': (u, e) => steps.note(u, e.what),
  'lu.save.system': steps.saveGlobals,
  'lu.save.domain': (u, e) => steps.saveDomain(u, e.domid),
  'lu.save.seal': steps.seal,
  'lu.rollback': steps.rollBack,
  'lu.jump': steps.jumpNow,
  'xen2.boot': steps.bootXen2,
  'xen2.map-stream': steps.mapStreamNow,
  'xen2.reserve': steps.reserveNow,
  'restore.0a': steps.restoreDomain,
  'restore.0b': steps.restoreDomain,
  'restore.0c': steps.restoreDomain,
  'restore.1': steps.restoreDomain,
  'restore.2': steps.restoreDomain,
  'restore.system': steps.restoreSystemNow,
  'restore.verify': steps.verifyNow,
  'lu.resume': (u, e) => steps.resumeDomain(u, e.domid),
  'xen2.panic': (u, e) => steps.panic(u, e.what),
  'lu.settle': steps.settle,
};

/** The names of all events of the update. */
export const UPDATE_EVENTS: readonly string[] = Object.keys(STEPS);

/** The update after this event. Whether it is the event's turn is the machine's to know. */
export const updateStep = (u: Update, event: UpdateEvent): Update =>
  (STEPS[event.type] as (u: Update, event: UpdateEvent) => Update)(u, event);
