/** Events, designs and pages that the lives of several charts need. */
import { type Design, defaultDesign } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../../src/host/build/draft.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { shutDown } from '../../../src/host/build/lifecycle.ts';
import { SHUTDOWN } from '../../../src/host/constants.ts';
import { FLAG, hasFlag, typeOf } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import type { Chapter } from '../support/lives.ts';

/** Who calls where the tool stack does: dom0's first vCPU. */
export const tool = { caller: 0, vcpu: 0 } as const;
/** A whole update, to the same version. */
export const UPDATE: Chapter = { update: '4.17' };
export const RCU: WorldEvent = { type: 'rcu.run' };

export const finish = (domid: number, vcpu = 0): WorldEvent => ({
  type: 'hypercall.finish',
  domid,
  vcpu,
});

/** The end of a domain, phase by phase. */
export const destroyed = (domid: number, phases = 20): WorldEvent[] => [
  { type: 'domctl.destroydomain', ...tool, domid },
  ...Array.from({ length: phases }, (): WorldEvent => ({ type: 'domain.kill', domid })),
];
/** The end of a domain, all at once by its caller. */
export const finishedOff = (domid: number): WorldEvent[] => [...destroyed(domid, 0), finish(0)];
/** dom0 maps a page of it: its end leaves a zombie, which the charts go on to follow. */
export const keptByDom0 = (draft: HostDraft, domid: number): void => {
  mapGrant(draft, 0, { granter: domid, ref: offerGrant(draft, domid, { to: 0 }) });
};
export const created = (domid: number): WorldEvent => ({
  type: 'domctl.createdomain',
  ...tool,
  domid,
  domainType: 'pv',
  maxVcpus: 1,
  grantVersion: 1,
  maxGrantFrames: 4,
});

export const shutdownBy0 = (reason: number): WorldEvent => ({
  type: 'sched.remote_shutdown',
  domid: 0,
  vcpu: 0,
  target: 1,
  reason,
});
export const resumed: WorldEvent = { type: 'domctl.resumedomain', ...tool, domid: 1 };
/** d1 shuts down, and its vCPU 0 is not stopped yet. */
export const shuttingDown = (draft: HostDraft): void => {
  shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
  const v = vcpuAt(domainAt(draft, 1), 0);
  v.pausedForShutdown = false;
  v.pauseCount--;
};

/** A reset of event channels; `ports` are closed before it is preempted, null: all. */
export const reset = (domid: number, ports: number | null, target = domid): WorldEvent => ({
  type: 'evtchn.reset',
  domid,
  vcpu: 0,
  target,
  ports,
});
export const goOn = (domid: number, ports: number | null = null): WorldEvent => ({
  type: 'evtchn.reset-continue',
  domid,
  vcpu: 0,
  ports,
});
export const softReset = (domid: number, ports: number | null): WorldEvent => ({
  type: 'domctl.soft_reset',
  ...tool,
  domid,
  ports,
});
export const softOn = (ports: number | null = null): WorldEvent => ({
  type: 'domctl.soft_reset-continue',
  domid: 0,
  vcpu: 0,
  ports,
});

const image = { build: buildHost().xen.build, commandLine: '' } as const;
/** The image of a Live Update, and what else the two slots of kexec may hold. */
export const LOAD: WorldEvent = { type: 'kexec.load', ...image };
/** One that has no place: a segment of it lies on the first page of bootmem (F1.3). */
export const MISPLACED: WorldEvent = { ...LOAD, lowestSegment: 0 };
export const XEN = { type: 'kexec.load_default', ...image } as const satisfies WorldEvent;
export const UNLOAD: WorldEvent = { type: 'kexec.unload' };
export const REQUEST: WorldEvent = { type: 'lu.request' };
/** The image goes after the request (R10 forbids it); then an update. */
export const UNLOADED: readonly Chapter[] = [[LOAD, REQUEST, UNLOAD], UPDATE];

/** The default design with other answers to open questions. */
export const answer = (policies: Partial<Design['policies']>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...policies },
});

/** Frames that a domain owns. */
export const framesOf = ({ xen: { frames } }: Host, domid: number): readonly number[] =>
  Array.from(frames.owner as Uint16Array, (_, f) => f).filter((f) => frames.owner[f] === domid);
/** Its frames of a type; none that Xen shares with it. */
export const framesOfType = (host: Host, domid: number, type: number): readonly number[] =>
  framesOf(host, domid).filter(
    (f) => typeOf(host.xen.frames, f) === type && !hasFlag(host.xen.frames, f, FLAG.xenheap),
  );
/** A frame that nothing refers to: the next that a domain gets. */
export const freeFrame = ({ xen: { frames } }: Host): number =>
  Array.from(frames.flags as Uint16Array).findIndex(
    (flags, f) => f > 0 && (flags & FLAG.free) !== 0,
  );
