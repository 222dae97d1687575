/** The hosts of the golden vectors, built. */
import { buildHost } from '../host/build/build-host.ts';
import { addDomain } from '../host/build/domain.ts';
import { type DomainDraft, domainAt, type HostDraft, vcpuAt } from '../host/build/draft.ts';
import { bindInterdomain, bindIpi, bindUnbound, bindVirq } from '../host/build/events.ts';
import { mask, placeVcpuInfo, raise, useFifo } from '../host/build/fifo.ts';
import { finish } from '../host/build/finish.ts';
import { mapGrant, offerGrant } from '../host/build/grants.ts';
import { addIoreqServer, bufferIoreqs, mapForeign } from '../host/build/ioreq.ts';
import { pauseByController, pauseVcpu, setTarget, shutDown } from '../host/build/lifecycle.ts';
import { mixedDraft } from '../host/build/mixed-host.ts';
import { addXenShare, assignDevice, loadKexec } from '../host/build/system.ts';
import { makeZombie } from '../host/build/zombie.ts';
import { DOMCTL, EVTCHNOP, HYPERVISOR, SHUTDOWN, VIRQ, VPF } from '../host/constants.ts';
import type { Host } from '../host/host.ts';

import { domid } from '../host/ids.ts';

/** Frames of a small host: 6 MiB, of which Xen's image and bootmem take 4. */
const RAM = 1536;

/** dom0 with a timer for each vCPU. */
const withDom0 = (version = '4.17', vcpus = 1): HostDraft => {
  const draft = buildHost({ ramFrames: RAM, version });
  addDomain(draft, { type: 'pv', pages: 64, vcpus });
  for (let vcpu = 0; vcpu < vcpus; vcpu++) bindVirq(draft, 0, VIRQ.TIMER, { vcpu });
  return draft;
};

/** dom0 alone. */
export const idleDom0 = (): Host => finish(withDom0('4.17', 2));

/** An older Xen follows: what it is told must not depend on what it is. */
export const rollback = (): Host => {
  const draft = withDom0('4.22');
  addDomain(draft, { type: 'pvh', pages: 16 });
  bindInterdomain(draft, 1, 0);
  return finish(draft);
};

/** Port in the second page of the event array, of which the guest gave the first only (F6.2). */
const BEYOND_ARRAY = 1500;

/** Queues of several ports, priorities and vCPUs (F6.6, F6.7). */
export const fifoQueues = (): Host => {
  const draft = withDom0();
  useFifo(draft, 0);
  const { domain } = addDomain(draft, { type: 'pv', pages: 48, vcpus: 2 });
  const id = domain.domid;
  useFifo(draft, id);
  placeVcpuInfo(draft, id, 1, 0x80);
  const ports = [
    bindIpi(draft, id, { priority: 0 }),
    bindUnbound(draft, id, 0, { priority: 15 }),
    bindUnbound(draft, id, 0),
    bindUnbound(draft, id, 0),
    bindIpi(draft, id, { vcpu: 1, priority: 3 }),
    bindIpi(draft, id, { vcpu: 1, priority: 3 }),
    bindUnbound(draft, id, 0, { port: BEYOND_ARRAY }),
  ];
  const masked = bindUnbound(draft, id, 0);
  mask(draft, id, masked);
  // The order of raising is the order in the queues.
  for (const port of [...ports.toReversed(), masked]) raise(draft, id, port);
  return finish(draft);
};

/** d2 is dead; d0 and d1 hold on to it (F2.16). */
export const zombie = (): Host => {
  const draft = withDom0();
  addDomain(draft, { type: 'pv', pages: 16 });
  const guest = addDomain(draft, { type: 'pv', pages: 24 });
  const id = guest.domain.domid;
  const toDom0 = offerGrant(draft, id, { to: 0 });
  const toPeer = offerGrant(draft, id, { to: 1, readonly: true });
  mapGrant(draft, 0, { granter: id, ref: toDom0 });
  mapGrant(draft, 1, { granter: id, ref: toPeer });
  mapForeign(draft, domainAt(draft, 0), guest.pages[20] as number, false);
  bindInterdomain(draft, id, 1);
  makeZombie(draft, id);
  return finish(draft);
};

/** First reference of the second page of a v2 table (F7.1). */
const SECOND_GRANT_PAGE = 256;

/** d1 (PVH) and d2 (PV) grant with version 2 tables. */
export const grantsV2 = (): Host => {
  const draft = withDom0();
  const pvh = addDomain(draft, { type: 'pvh', pages: 24, grantVersion: 2 }).domain.domid;
  const pv = addDomain(draft, { type: 'pv', pages: 24, vcpus: 2, grantVersion: 2 }).domain.domid;
  const ring = offerGrant(draft, pvh, { to: 0 });
  mapGrant(draft, 0, { granter: pvh, ref: ring });
  mapGrant(draft, 0, { granter: pvh, ref: ring, readonly: true });
  mapGrant(draft, 0, { granter: pvh, ref: ring, host: false, device: true });
  const far = offerGrant(draft, pvh, { to: pv, ref: SECOND_GRANT_PAGE + 44, readonly: true });
  mapGrant(draft, pv, { granter: pvh, ref: far, vcpu: 1 });
  offerGrant(draft, pvh, { to: 0, subPage: { offset: 1024, length: 512 } });
  offerGrant(draft, pv, { to: 0, transitive: { domid: pvh, ref: far } });
  const fromDom0 = offerGrant(draft, 0, { to: pvh, readonly: true });
  mapGrant(draft, pvh, { granter: 0, ref: fromDom0 });
  return finish(draft);
};

/** public/hvm/params.h: events come as GSI 9, and the store's page is at pfn 12. */
const CALLBACK_IRQ = 0;
const STORE_PFN = 1;

/** d1 is emulated by d2. */
export const hvmWithEmulator = (): Host => {
  const draft = withDom0();
  const guest = addDomain(draft, { type: 'hvm', pages: 48, vcpus: 2, iommu: true });
  const id = guest.domain.domid;
  const emulator = addDomain(draft, { type: 'pv', pages: 32, name: 'stubdom' }).domain.domid;
  setTarget(draft, emulator, id);
  const ranges = [
    { type: 0, first: 0x1f0, last: 0x1f7 },
    { type: 1, first: 0xf000_0000, last: 0xf000_0fff },
  ];
  const server = addIoreqServer(draft, id, { emulator, ranges });
  bufferIoreqs(draft, id, server, 5);
  mapForeign(draft, domainAt(draft, emulator), guest.pages[40] as number);
  assignDevice(draft, id, '0000:03:00.0', { shareP2m: true });
  guest.domain.hvmParams[CALLBACK_IRQ] = 9;
  guest.domain.hvmParams[STORE_PFN] = 12;
  return finish(draft);
};

/** A vCPU that will enter a hypercall again: its arguments are in its registers (F3.1). */
const enter = (d: DomainDraft, vcpu: number, rax: number, rdi: number, rsi: number): void => {
  const v = vcpuAt(d, vcpu);
  v.registers = { ...v.registers, rax, rdi, rsi, atHypercall: true };
};

/** d1 suspended, d2 crashed, d3 paused, d4 busy. */
export const lives = (): Host => {
  const draft = withDom0();
  const guest = (vcpus: number): DomainDraft => addDomain(draft, { type: 'pv', pages: 16, vcpus });
  const suspended = guest(2);
  shutDown(draft, suspended.domain.domid, 'complete', SHUTDOWN.suspend);
  const crashed = guest(1);
  shutDown(draft, crashed.domain.domid, 'complete', SHUTDOWN.crash);
  const paused = guest(2);
  pauseByController(draft, paused.domain.domid, 2);
  pauseVcpu(draft, paused.domain.domid, 1);
  const busy = guest(3);
  enter(busy, 0, HYPERVISOR.memory_op, 64, 0x7f00_0000_1000);
  vcpuAt(busy, 0).timers.periodic = { period: 10_000_000, lastEvent: draft.xen.now - 1 };
  vcpuAt(busy, 1).timers.singleshot = { timeout: draft.xen.now + 7_000_000 };
  vcpuAt(busy, 1).pauseFlags |= VPF.blocked;
  vcpuAt(busy, 2).pauseFlags |= VPF.down;
  return finish(draft);
};

/** Ports that are left of the guest's, from the one at which its reset goes on (F5.2). */
const RESET_CURSOR = 65;

/** d1's event channels are being reset by itself, d2's dirty log is being read by dom0. */
export const interrupted = (): Host => {
  const draft = withDom0();
  const reset = addDomain(draft, { type: 'pv', pages: 16 });
  for (const port of [RESET_CURSOR, RESET_CURSOR + 1]) bindUnbound(draft, 1, 0, { port });
  reset.domain.events.nextEvtchn = RESET_CURSOR;
  enter(reset, 0, HYPERVISOR.event_channel_op, EVTCHNOP.reset_cont, 1);
  const logged = addDomain(draft, { type: 'pvh', pages: 16 });
  logged.domain.pagingPreempt = { caller: domid(0), op: 'clean', done: 5 };
  if (logged.domain.p2m !== null) logged.domain.p2m.logDirty = true;
  enter(domainAt(draft, 0), 0, HYPERVISOR.paging_domctl_cont, DOMCTL.shadow_op, 2);
  return finish(draft);
};

/** The mixed host, and what of the system it lacks: an image for a crash, one more page to share. */
export const everything = (): Host => {
  const draft = mixedDraft();
  addXenShare(draft, 1, 'vmcoreinfo');
  loadKexec(draft, 'crash', { commandLine: 'irqpoll maxcpus=1', build: draft.xen.build });
  return finish(draft);
};
