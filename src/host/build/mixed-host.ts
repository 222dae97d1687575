/**
 * A host with something of everything that an update must carry at rest:
 * dom0, a PV, a PVH and an HVM guest, and a zombie. No hypercall and no
 * emulation is in flight. 1792 frames (7 MiB) of RAM.
 */
import { SHUTDOWN, VIRQ } from '../constants.ts';
import type { Host } from '../host.ts';
import { range } from '../ranges.ts';
import { buildHost } from './build-host.ts';
import { addDomain } from './domain.ts';
import { domainAt, type HostDraft, type HostOptions, vcpuAt } from './draft.ts';
import { bindInterdomain, bindIpi, bindPirq, bindUnbound, bindVirq } from './events.ts';
import { mask, placeVcpuInfo, raise, useFifo } from './fifo.ts';
import { finish } from './finish.ts';
import { mapGrant, offerGrant } from './grants.ts';
import { addIoreqServer, bufferIoreqs, mapForeign } from './ioreq.ts';
import { pauseByController, storeShutdownCode } from './lifecycle.ts';
import { addGdtFrame, addLinearEntry, addPinnedTable, mapFrame } from './page-tables.ts';
import { addTraceBuffers, assignDevice, setVirqHandler } from './system.ts';
import { makeZombie } from './zombie.ts';

/** A frontend with its backend in dom0: a ring page mapped and a channel, as every PV driver has. */
const connectFrontend = (draft: HostDraft, guest: number, options: { device?: boolean }): void => {
  const ref = offerGrant(draft, guest, { to: 0 });
  mapGrant(draft, 0, { granter: guest, ref, host: true, device: options.device ?? false });
  bindInterdomain(draft, guest, 0);
};

const addDom0 = (draft: HostDraft): void => {
  const d = addDomain(draft, { type: 'pv', pages: 96, vcpus: 2, iommu: true });
  useFifo(draft, 0);
  bindVirq(draft, 0, VIRQ.TIMER, { vcpu: 0 });
  bindVirq(draft, 0, VIRQ.TIMER, { vcpu: 1 });
  bindVirq(draft, 0, VIRQ.DOM_EXC);
  bindPirq(draft, 0, 16, 16);
  bindIpi(draft, 0, { vcpu: 1, priority: 3 });
  for (const v of [0, 1]) addGdtFrame(draft, d, v);
  placeVcpuInfo(draft, 0, 1, 0x40);
  // Dom0 reads the M2P through its own tables, as XENMEM_machphys_mfn_list lets it.
  mapFrame(draft, d, draft.hardware.m2p.frames.start, { rw: false });
  assignDevice(draft, 0, '0000:00:1f.2', { frames: d.pages.slice(0, 8) });
  setVirqHandler(draft, VIRQ.CON_RING, 0);
};

const addPvGuest = (draft: HostDraft): void => {
  const d = addDomain(draft, { type: 'pv', pages: 64, vcpus: 2 });
  const id = d.domain.domid;
  const second = addPinnedTable(draft, d, 4);
  vcpuAt(d, 1).guestTableUser = second;
  // A second L2 that uses the first as its linear target.
  addLinearEntry(draft, addPinnedTable(draft, d, 2), d.tables[2][0] as number);
  connectFrontend(draft, id, { device: true });
  bindVirq(draft, id, VIRQ.TIMER, { vcpu: 1 });
  bindUnbound(draft, id, 0);
  raise(draft, id, 1);
  mask(draft, id, 2);
  raise(draft, id, 2);
  vcpuAt(d, 0).timers.singleshot = { timeout: draft.xen.now + 5_000_000 };
  storeShutdownCode(draft, id, SHUTDOWN.crash);
};

const addPvhGuest = (draft: HostDraft): void => {
  const d = addDomain(draft, { type: 'pvh', pages: 48, vcpus: 1, grantVersion: 2 });
  const id = d.domain.domid;
  connectFrontend(draft, id, {});
  // dom0 offers a page the other way, read-only.
  const ref = offerGrant(draft, 0, { to: id, readonly: true });
  mapGrant(draft, id, { granter: 0, ref, host: true });
  offerGrant(draft, id, { to: 0, subPage: { offset: 512, length: 128 } });
  offerGrant(draft, id, { to: 1, transitive: { domid: 0, ref } });
  useFifo(draft, id);
  const own = bindInterdomain(draft, id, id);
  raise(draft, id, own.a);
  raise(draft, id, own.b);
  pauseByController(draft, id);
};

const addHvmGuest = (draft: HostDraft): void => {
  const d = addDomain(draft, { type: 'hvm', pages: 64, vcpus: 2, iommu: true });
  const id = d.domain.domid;
  const server = addIoreqServer(draft, id, { emulator: 0 });
  bufferIoreqs(draft, id, server, 3);
  connectFrontend(draft, id, {});
  mapForeign(draft, domainAt(draft, 0), d.pages[40] as number);
  assignDevice(draft, id, '0000:03:00.0', { shareP2m: true });
};

const addDeadGuest = (draft: HostDraft): void => {
  const d = addDomain(draft, { type: 'pv', pages: 16 });
  const id = d.domain.domid;
  const ref = offerGrant(draft, id, { to: 0 });
  mapGrant(draft, 0, { granter: id, ref });
  mapForeign(draft, domainAt(draft, 0), d.pages[10] as number, false);
  makeZombie(draft, id);
};

/** The mixed host before its counts are derived, to be changed further. */
export const mixedDraft = (options: HostOptions = {}): HostDraft => {
  const draft = buildHost({ ramFrames: 1792, holes: [range(160, 96)], ...options });
  addDom0(draft);
  addPvGuest(draft);
  addPvhGuest(draft);
  addHvmGuest(draft);
  addDeadGuest(draft);
  addTraceBuffers(draft, 2);
  raise(draft, 0, 1);
  raise(draft, 0, 3);
  raise(draft, 0, 4);
  return draft;
};

export const mixedHost = (options: HostOptions = {}): Host => finish(mixedDraft(options));
