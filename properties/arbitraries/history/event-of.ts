/**
 * Events that have a chance to happen: six small numbers become an event, and
 * every place in it is chosen among those that the host has, modulo their
 * number. So a shorter or smaller sequence of numbers stays a sequence of
 * events, and shrinks.
 */
import { numericEntries } from '../../../src/host/codec.ts';
import type { Domain } from '../../../src/host/domain.ts';
import type { Host } from '../../../src/host/host.ts';
import { reissueOf } from '../../../src/hypercalls/domctl/contended.ts';
import type { HostEvent } from '../../../src/hypercalls/events.ts';
import { isRunnable } from '../../../src/hypercalls/vcpus.ts';
import type { Makers, Where } from './choices.ts';
import { deferredMakers } from './deferred.ts';
import { domctlMakers } from './domctl.ts';
import { eventChannelMakers } from './event-channel.ts';
import { grantMakers } from './grant.ts';
import { memoryMakers } from './memory.ts';
import { mmuMakers } from './mmu.ts';
import { vcpuMakers } from './vcpu.ts';

export type Raw = readonly [number, number, number, number, number, number];

/** One for each event: the compiler asks for a maker when an event is added. */
const makers: Makers = {
  ...eventChannelMakers,
  ...grantMakers,
  ...memoryMakers,
  ...mmuMakers,
  ...vcpuMakers,
  ...domctlMakers,
  ...deferredMakers,
};

export const eventTypes = Object.keys(makers) as readonly HostEvent['type'][];

/** vCPUs that could be meant: those in the middle of a hypercall, or those that run. */
const whoCan = (host: Host, type: HostEvent['type'], who: number): Where => {
  const resumes = [
    'hypercall.finish',
    'hypercall.reenter',
    'mmuext.pin-continue',
    'evtchn.reset-continue',
    'domctl.soft_reset-continue',
  ];
  const byTool = type.startsWith('domctl') || type.startsWith('sysctl');
  const all = numericEntries(host.xen.domains).flatMap(([domid, d]) =>
    d.vcpus.map((v) => ({ domid, vcpu: v.id, d, v })),
  );
  const meant = all.filter(({ domid, d, v }) => {
    if (who % 16 === 0) return true;
    if (resumes.includes(type)) return v.registers.atHypercall;
    if (type === 'mm.put-old-table') return v.oldGuestTable !== null;
    if (type === 'guest.upcall' || type === 'timer.fires' || type === 'vcpu.complete-io')
      return true;
    if (byTool && !d.isPrivileged) return false;
    if (reissueOf(domid, v.id, v.registers)?.type === type) return true;
    return isRunnable(d, v) && !v.registers.atHypercall;
  });
  const chosen = meant.length === 0 ? undefined : meant[(who >> 4) % meant.length];
  return { domid: chosen?.domid ?? 0, vcpu: chosen?.vcpu ?? 0 };
};

/** The first number chooses the event, the second the caller, the rest its arguments. */
export const eventOf = (host: Host, [kind, who, ...n]: Raw): HostEvent => {
  const type = eventTypes[kind % eventTypes.length] as HostEvent['type'];
  const w = whoCan(host, type, who);
  return makers[type](host, host.xen.domains[w.domid] as Domain, w, n);
};
