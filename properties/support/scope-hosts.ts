/** The host of the scopes: as small as it can be with one of everything on it. */
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { bindInterdomain, bindUnbound } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { GNTMAP, GNTTAB_NR_RESERVED_ENTRIES } from '../../src/host/constants.ts';
import type { Host } from '../../src/host/host.ts';
import type { WorldEvent } from '../../src/world/world.ts';

/**
 * dom0 with two vCPUs; d1: HVM, emulated by dom0, with a channel to d2 and
 * ports to reset; d2: PV, with a page granted to dom0.
 */
export const twoGuests = (): Host => {
  const draft = buildHost({});
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
  addDomain(draft, { type: 'hvm', pages: 16 });
  addDomain(draft, { type: 'pv', pages: 16 });
  addIoreqServer(draft, 1, { emulator: 0 });
  offerGrant(draft, 2, { to: 0 });
  bindInterdomain(draft, 1, 2);
  bindUnbound(draft, 1, 0);
  return finish(draft);
};

const d1v0 = { domid: 1, vcpu: 0 } as const;

/** d1's vCPU asks its emulator for something and goes on with the answer (F9.1). */
export const ASKS: readonly WorldEvent[] = [
  { type: 'ioreq.send', ...d1v0, server: 0, addr: 0x60, write: true },
  { type: 'vcpu.complete-io', ...d1v0 },
];
/** dom0's device model, a process of its own, answers (F9.1). */
export const ANSWERS: readonly WorldEvent[] = [
  { type: 'emulator.take', ...d1v0, server: 0 },
  { type: 'emulator.respond', ...d1v0, server: 0 },
];
/** d1 notifies d2 (F6.13): the channel's port in d1 is the first behind the two of the server. */
export const NOTIFIES: readonly WorldEvent[] = [{ type: 'evtchn.send', ...d1v0, port: 3 }];
/** d1 resets its channels and is preempted once (F5.2). */
export const RESETS: readonly WorldEvent[] = [
  { type: 'evtchn.reset', ...d1v0, target: 1, ports: 1 },
  { type: 'evtchn.reset-continue', ...d1v0, ports: null },
];
/** dom0's first vCPU maps the granted page for a device (F7.5). */
export const MAPS: readonly WorldEvent[] = [
  {
    type: 'grant.map',
    domid: 0,
    vcpu: 0,
    granter: 2,
    ref: GNTTAB_NR_RESERVED_ENTRIES,
    flags: GNTMAP.device_map,
    at: 0,
    slot: 0,
  },
];
/** dom0's first vCPU takes a CPU offline, in a tasklet (F3.14). */
export const HOTPLUGS: readonly WorldEvent[] = [
  { type: 'sysctl.cpu_hotplug', caller: 0, vcpu: 0, cpu: 1, fails: false },
];
/** dom0's second vCPU destroys d2 (F4.1). */
export const DESTROYS: readonly WorldEvent[] = [
  { type: 'domctl.destroydomain', caller: 0, vcpu: 1, domid: 2 },
];

/** What Xen does by itself when it gets to it (F2.7, F3.12, F3.17), and calls that it finishes. */
export const DEFERRED: readonly WorldEvent[] = [
  { type: 'tasklet.run', id: 0 },
  { type: 'domain.kill', domid: 2 },
  { type: 'rcu.run' },
  { type: 'hypercall.finish', domid: 0, vcpu: 1 },
  { type: 'hypercall.finish', ...d1v0 },
];

/** Any one of them may strike. */
export const FAULTS: readonly WorldEvent[] = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
];
