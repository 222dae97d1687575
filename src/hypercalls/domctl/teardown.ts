/**
 * What domain_kill takes away, phase by phase (F2.7 to F2.11, F4.3). Each can
 * be done again on what it left: a Xen with another order starts over.
 */
import { numericEntries, numericKeys } from '../../host/codec.ts';
import { GNTMAP, IOREQ, VPF } from '../../host/constants.ts';
import { P2M_TYPE } from '../../host/content.ts';
import type { Teardown } from '../../host/domain.ts';
import { FLAG } from '../../host/frame-table.ts';
import { PGT } from '../../host/page-type.ts';
import { putDomain } from '../domains.ts';
import { closePort } from '../event-channel/close.ts';
import { destroyFifo } from '../event-channel/fifo-control.ts';
import { freeHandle, undoMapping } from '../grant/maptrack.ts';
import { allP2m, clearP2m } from '../memory/p2m.ts';
import { finishOldGuestTable } from '../mmu/old-guest-table.ts';
import { putAllocated, putPageAndType } from '../pages/puts.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { ownedFrames, relinquishMemory, relinquishXenheap } from './relinquish.ts';

type Work = (tx: Transaction, d: MutableDomain) => void;

/** gnttab_release_mappings: handles downwards (F7.10). */
const releaseMappings: Work = (tx, d) => {
  for (const handle of numericKeys(d.grants.maptrack).reverse()) {
    const map = d.grants.maptrack[handle];
    if (map === undefined) continue;
    undoMapping(tx, d.domid, map, map.flags & (GNTMAP.host_map | GNTMAP.device_map));
    freeHandle(d, handle);
  }
  d.grants.maptrackLimit = 0;
  d.grants.maptrackFree = d.grants.maptrackFree.map(() => []);
};

/** vCPU buffers (F4.3); an emulation in flight ends without an answer. */
const stopVcpus: Work = (_tx, d) => {
  for (const v of d.vcpus) {
    v.timers = { singleshot: null, periodic: null };
    v.runningOn = null;
    v.io = { state: IOREQ.NONE, completion: 'none', suspended: false };
    v.deferShutdown = false;
    v.pauseFlags &= ~VPF.blocked_in_xen;
  }
};

/** evtchn_destroy: from the highest port down; nor is it a handler of VIRQs any more. */
const destroyEventChannels: Work = (tx, d) => {
  for (const port of numericKeys(d.events.channels).reverse()) closePort(tx, d, port, false);
  d.events.validPorts = 0;
  d.events.nextEvtchn = 0;
  for (const [virq, handler] of numericEntries(tx.xen.system.virqHandlers)) {
    if (handler !== d.domid) continue;
    delete tx.xen.system.virqHandlers[virq];
    putDomain(tx, d.domid);
  }
  destroyFifo(tx, d);
};

/** pci_release_devices: interrupts are unbound, and the units walk no table of its any more. */
const releaseDevices: Work = (tx, d) => {
  d.pirqs = {};
  const root = tx.content(tx.hardware.iommuRoot, 'iommu-root');
  if (root === null) return;
  for (const [device, context] of Object.entries(root.devices))
    if (context.domid === d.domid) delete root.devices[device];
};

/** Tables that no device's context names are given back (F8.19). */
const freeIommuTables: Work = (tx, d) => {
  const { system } = tx.xen;
  const root = tx.content(tx.hardware.iommuRoot, 'iommu-root');
  const used = new Set(Object.values(root?.devices ?? {}).map((context) => context.table));
  for (const frame of [...system.iommuFrames]) {
    if (tx.content(frame, 'iommu-table') === null || used.has(frame)) continue;
    system.iommuFrames = system.iommuFrames.filter((f) => f !== frame);
    tx.framesToWrite.flags[frame] = FLAG.free | FLAG.needScrub;
    delete tx.hardware.content[frame];
  }
  if (d.p2m !== null) d.p2m.sharedWithIommu = false;
};

/** relinquish_p2m_mapping: foreign entries give their references back (F8.20). */
const dropForeignMappings: Work = (tx, d) => {
  for (const { gfn, type } of allP2m(tx, d))
    if (type === P2M_TYPE.map_foreign) clearP2m(tx, d, gfn);
};

/** The paging pool goes, and the P2M with it (F4.5). */
const destroyPaging: Work = (tx, d) => {
  d.pagingPreempt = null;
  if (d.p2m === null) return;
  dropForeignMappings(tx, d);
  const { tableFrames } = d.p2m;
  d.p2m = null;
  for (const frame of tableFrames) putAllocated(tx, frame);
};

/** vcpu_destroy_pagetables, and the descriptor tables. */
const dropPageTables: Work = (tx, d) => {
  for (const v of d.vcpus) {
    finishOldGuestTable(tx, v);
    for (const table of [v.guestTable, v.guestTableUser])
      if (table !== null) putPageAndType(tx, table);
    v.guestTable = null;
    v.guestTableUser = null;
    for (const frame of v.gdtFrames) putPageAndType(tx, frame);
    v.gdtFrames = [];
  }
};

/** The pages that Xen shares with it; Xen looks at none of them from here on. */
const releaseXenheap: Work = (tx, d) => {
  d.sharedInfo = null;
  d.grants.frames = [];
  d.grants.statusFrames = [];
  relinquishXenheap(tx, ownedFrames(tx, d.domid, true));
};

/** Everything of whatever type, and what HVM leaves: IOREQ servers hold their pages until here. */
const releaseRest: Work = (tx, d) => {
  for (const [, s] of numericEntries(d.ioreqServers))
    for (const page of [s.ioreqPage, s.bufioreqPage]) if (page !== null) putPageAndType(tx, page);
  d.ioreqServers = {};
  relinquishMemory(tx, d.domid, PGT.none);
};

const nothing: Work = () => undefined;

export const teardownWork: Readonly<Record<Teardown['phase'], Work>> = {
  none: nothing,
  gnttab_mappings: releaseMappings,
  vcpu_teardown: stopVcpus,
  arch_teardown: nothing,
  evtchn: destroyEventChannels,
  pci: releaseDevices,
  iommu_pagetables: freeIommuTables,
  // Memory sharing (CoW) is not modelled: a domain that uses it says so in `unsupported`.
  shared: nothing,
  mappings: dropForeignMappings,
  paging: destroyPaging,
  vcpu_pagetables: dropPageTables,
  xen: releaseXenheap,
  l4: (tx, d) => relinquishMemory(tx, d.domid, PGT.l4),
  l3: (tx, d) => relinquishMemory(tx, d.domid, PGT.l3),
  l2: (tx, d) => relinquishMemory(tx, d.domid, PGT.l2),
  rest: releaseRest,
  done: nothing,
};
