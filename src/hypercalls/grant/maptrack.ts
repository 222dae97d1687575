/** Undoing a grant mapping: pins, references, status bits, handle (F7.4 to F7.6). */
import { GNTMAP, GTF, MAPTRACK_PER_PAGE } from '../../host/constants.ts';
import { type Maptrack, type PinCounts, pinTotal } from '../../host/grant-table.ts';
import { putPage, putPageType } from '../pages/puts.ts';
import type { Mutable, MutableDomain, Transaction } from '../transaction.ts';
import { setStatusBits } from './shared.ts';

/** Status bits that follow from the pins (I7.3). */
export const statusOf = (pins: PinCounts): number =>
  (pinTotal(pins) > 0 ? GTF.reading : 0) | (pins.hstw + pins.devw > 0 ? GTF.writing : 0);

/** Does a host map of the granter's page hold a writable type reference (F7.5)? */
export const hostMapTakesType = (
  granter: MutableDomain,
  mapper: number,
  readonly: boolean,
): boolean => !readonly && (granter.domid === mapper || granter.type === 'pv');

const dropPin = (tx: Transaction, pins: Mutable<PinCounts>, which: keyof PinCounts): void => {
  if (pins[which] === 0) tx.bug(`no ${which} pin to drop`);
  else pins[which]--;
};

/**
 * The parts of a mapping named by `parts` (GNTMAP host_map and device_map)
 * end: their pins and page references go, the status bits follow, and an
 * entry without pins is no longer active. A granter that is gone holds
 * nothing to undo.
 */
export const undoMapping = (
  tx: Transaction,
  mapper: number,
  map: Maptrack,
  parts: number,
): void => {
  const granter = tx.domain(map.granter);
  const active = granter?.grants.active[map.ref];
  if (granter === undefined || active === undefined) return;
  const readonly = (map.flags & GNTMAP.readonly) !== 0;
  if ((parts & GNTMAP.device_map) !== 0) {
    dropPin(tx, active.pins, readonly ? 'devr' : 'devw');
    if (!readonly) putPageType(tx, active.frame);
    putPage(tx, active.frame);
  }
  if ((parts & GNTMAP.host_map) !== 0) {
    dropPin(tx, active.pins, readonly ? 'hstr' : 'hstw');
    if (hostMapTakesType(granter, mapper, readonly)) putPageType(tx, active.frame);
    putPage(tx, active.frame);
  }
  setStatusBits(tx, granter, map.ref, statusOf(active.pins));
  if (pinTotal(active.pins) === 0) delete granter.grants.active[map.ref];
};

/** put_maptrack_handle: the handle may be handed out again, by the same vCPU's list. */
export const freeHandle = (d: MutableDomain, handle: number): void => {
  const map = d.grants.maptrack[handle];
  if (map === undefined) return;
  delete d.grants.maptrack[handle];
  (d.grants.maptrackFree[map.vcpu] ?? d.grants.maptrackFree[0])?.push(handle);
};

/**
 * get_maptrack_handle: of the vCPU's free list; else the list grows by a page
 * of handles; else another vCPU's free handle; else null: no space (F7.4).
 */
export const takeHandle = (d: MutableDomain, vcpu: number): number | null => {
  const { grants } = d;
  const own = grants.maptrackFree[vcpu];
  if (own === undefined) return null;
  if (own.length > 0) return own.shift() ?? null;
  if (grants.maptrackLimit + MAPTRACK_PER_PAGE <= grants.maxMaptrackFrames * MAPTRACK_PER_PAGE) {
    const first = grants.maptrackLimit;
    for (let i = 1; i < MAPTRACK_PER_PAGE; i++) own.push(first + i);
    grants.maptrackLimit += MAPTRACK_PER_PAGE;
    return first;
  }
  return grants.maptrackFree.find((list) => list.length > 0)?.shift() ?? null;
};
