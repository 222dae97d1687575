/** Domains come and go, vCPUs start and stop, device models attach (F2, F9). */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { bindInterdomain, bindVirq } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { SHUTDOWN, SHUTDOWN_CODE_INVALID, VIRQ, VPF } from '../../src/host/constants.ts';
import { PTE, pte } from '../../src/host/content.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { type World, world } from './world.ts';

/** dom0, a PV guest with two vCPUs, an HVM guest with two, a stub domain for it. */
const start = (prepare: (draft: HostDraft) => void = () => undefined): World => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 40 });
  addDomain(draft, { type: 'pv', pages: 40, vcpus: 2 });
  addDomain(draft, { type: 'hvm', pages: 40, vcpus: 2 });
  addDomain(draft, { type: 'pv', pages: 40 });
  bindVirq(draft, 0, VIRQ.DOM_EXC);
  prepare(draft);
  return world(finish(draft));
};
const tool = { caller: 0, vcpu: 0 } as const;
const me = { domid: 1, vcpu: 0 } as const;
const pendingOf = (w: World, domid: number): readonly number[] =>
  contentOf(w.host().hardware, w.d(domid).sharedInfo ?? 0, 'shared_info')?.pending ?? [];

describe('creation', () => {
  const create = {
    type: 'domctl.createdomain',
    ...tool,
    domid: 7,
    domainType: 'pv',
    maxVcpus: 2,
    grantVersion: 2,
    maxGrantFrames: 4,
  } as const;

  test('a domain is born paused, and runs from the first unpause (F2.1, F2.2)', () => {
    const w = start();
    w.does(create);
    expect(w.d(7)).toMatchObject({ refcnt: 2, pauseCount: 1, controllerPauseCount: 1, vcpus: [] });
    w.does({ type: 'domctl.max_vcpus', ...tool, domid: 7, count: 2 });
    w.does({ type: 'domctl.max_mem', ...tool, domid: 7, pages: 2 });
    const populate = { type: 'memory.populate_physmap', domid: 0, vcpu: 0, target: 7 } as const;
    w.does({ ...populate, gfn: 0 });
    expect(w.d(7)).toMatchObject({ totPages: 1, refcnt: 3 });
    w.does({ ...populate, gfn: 1 });
    w.refuses({ ...populate, gfn: 2 }, 'ENOMEM');
    const frame = Array.from(w.host().xen.frames.owner as ArrayLike<number>).findIndex(
      (o, f) => o === 7 && w.host().xen.frames.typeCount[f] === 0,
    );
    const context = { type: 'domctl.setvcpucontext', ...tool, domid: 7, target: 0 } as const;
    w.refuses({ ...context, cr3: frame }, 'EINVAL');
    w.refuses({ ...context, target: 5, cr3: frame }, 'EINVAL');
    w.does({ type: 'domctl.unpausedomain', ...tool, domid: 7 });
    expect(w.d(7)).toMatchObject({ pauseCount: 0, creationFinished: true });
    expect(w.v(7, 1)).toMatchObject({ initialised: false, pauseFlags: VPF.down });
  });

  test('a PVH domain has a P2M and starts', () => {
    const w = start();
    w.does({ ...create, domainType: 'pvh' });
    w.does({ type: 'domctl.max_vcpus', ...tool, domid: 7, count: 2 });
    w.does({ type: 'domctl.setvcpucontext', ...tool, domid: 7, target: 0, cr3: 0 });
    w.does({ type: 'domctl.unpausedomain', ...tool, domid: 7 });
    w.does({ type: 'sched.yield', domid: 7, vcpu: 0 });
    expect(w.d(7).p2m?.tableFrames).toHaveLength(1);
  });

  const refusals: readonly [
    string,
    Partial<typeof create> | { [K in keyof typeof create]?: unknown },
    string,
  ][] = [
    ['an id in use', { domid: 1 }, 'EEXIST'],
    ['a reserved id', { domid: 0x7ff1 }, 'EINVAL'],
    ['no vCPU', { maxVcpus: 0 }, 'EINVAL'],
    ['grant version 0 (F2.3)', { grantVersion: 0 }, 'EINVAL'],
    ['grant version 3', { grantVersion: 3 }, 'EINVAL'],
    ['too few grant frames', { maxGrantFrames: 0 }, 'EINVAL'],
    ['too many grant frames', { maxGrantFrames: 65 }, 'EINVAL'],
    ['an unprivileged caller', { caller: 1 }, 'EPERM'],
  ];
  for (const [what, change, errno] of refusals)
    test(`${what} is ${errno}`, () => {
      start().refuses({ ...create, ...change } as HostEvent, errno);
    });

  test('the id of a domain that RCU has not freed is still taken', () => {
    const w = start();
    w.does({ type: 'domctl.destroydomain', ...tool, domid: 3 });
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect(w.host().xen.system.destroying).toEqual([3]);
    w.refuses({ ...create, domid: 3 }, 'EEXIST');
    w.does({ type: 'rcu.run' });
    w.does({ ...create, domid: 3 });
    w.refuses({ type: 'domctl.max_vcpus', ...tool, domid: 3, count: 1 }, 'EINVAL');
  });
});

describe('pausing', () => {
  test('nests, and has its limits (F2.19)', () => {
    const w = start();
    const event = (type: 'domctl.pausedomain' | 'domctl.unpausedomain', domid = 1) =>
      ({ type, ...tool, domid }) as const;
    w.does(event('domctl.pausedomain'));
    w.does(event('domctl.pausedomain'));
    w.does(event('domctl.unpausedomain'));
    w.refuses({ type: 'sched.yield', ...me }, 'not enabled');
    w.does(event('domctl.unpausedomain'));
    w.does({ type: 'sched.yield', ...me });
    w.refuses(event('domctl.unpausedomain'), 'EINVAL');
    w.refuses(event('domctl.pausedomain', 0), 'EINVAL');
    w.refuses(event('domctl.pausedomain', 9), 'ESRCH');
    w.refuses({ ...event('domctl.pausedomain'), caller: 1, domid: 2 }, 'EPERM');
    for (let i = 0; i < 255; i++) w.does(event('domctl.pausedomain'));
    w.refuses(event('domctl.pausedomain'), 'EOVERFLOW');
  });
});

describe('shutting down', () => {
  test('tells the tool stack; resuming forgets the code (F2.24, F2.26)', () => {
    const w = start();
    w.does({ type: 'sched.shutdown', ...me, reason: SHUTDOWN.poweroff });
    expect(w.d(1).shutdown).toEqual({ state: 'complete', code: SHUTDOWN.poweroff });
    expect(w.v(1, 1)).toMatchObject({ pauseCount: 1, pausedForShutdown: true });
    expect(pendingOf(w, 0)).toEqual([w.v(0, 0).virqToPort[VIRQ.DOM_EXC]]);
    w.does({ type: 'domctl.resumedomain', ...tool, domid: 1 });
    expect(w.d(1).shutdown).toEqual({ state: 'none', code: SHUTDOWN_CODE_INVALID });
    expect(w.v(1, 1)).toMatchObject({ pauseCount: 0, pausedForShutdown: false });
  });

  test('for suspend notifies the suspend port instead, if there is one', () => {
    const w = start((draft) => {
      domainAt(draft, 1).domain.events.suspendPort = bindInterdomain(draft, 1, 0).a;
    });
    w.does({ type: 'sched.shutdown', ...me, reason: SHUTDOWN.suspend });
    expect(pendingOf(w, 0)).toEqual([2]);
  });

  test('of the hardware domain takes the host down (F2.23, S2)', () => {
    const w = start();
    w.refuses({ type: 'sched.shutdown', domid: 0, vcpu: 0, reason: SHUTDOWN.suspend }, 'HOST_DOWN');
  });

  test('a code must exist, and remote shutdown a right', () => {
    const w = start();
    w.refuses({ type: 'sched.shutdown', ...me, reason: 6 }, 'EINVAL');
    w.refuses({ type: 'sched.shutdown_code', ...me, reason: 6 }, 'EINVAL');
    const remote = { type: 'sched.remote_shutdown', domid: 3, vcpu: 0, target: 2 } as const;
    w.refuses({ ...remote, reason: 3 }, 'EPERM');
    w.does({ type: 'domctl.set_target', ...tool, domid: 3, target: 2 });
    w.refuses({ ...remote, reason: 9 }, 'EINVAL');
    w.refuses({ ...remote, target: 50, reason: 3 }, 'ESRCH');
    w.does({ ...remote, reason: SHUTDOWN.crash });
    expect(w.d(2).shutdown).toEqual({ state: 'complete', code: SHUTDOWN.crash });
    w.refuses({ type: 'domctl.resumedomain', ...tool, domid: 0 }, 'EINVAL');
  });
});

describe('relations', () => {
  test('a VIRQ handler and a target hold references (F2.14)', () => {
    const w = start();
    const refs = (id: number) => w.d(id).refcnt;
    const [r1, r2] = [refs(1), refs(2)];
    const handler = { type: 'domctl.set_virq_handler', ...tool, virq: VIRQ.CON_RING } as const;
    w.does({ ...handler, domid: 1 });
    expect(refs(1)).toBe(r1 + 1);
    w.does({ ...handler, domid: 2 });
    expect([refs(1), refs(2)]).toEqual([r1, r2 + 1]);
    w.refuses({ ...handler, domid: 1, virq: VIRQ.TIMER }, 'EINVAL');
    w.refuses({ ...handler, domid: 9 }, 'ESRCH');
    w.refuses({ ...handler, domid: 1, caller: 1 }, 'EPERM');
    const target = { type: 'domctl.set_target', ...tool, domid: 3 } as const;
    w.does({ ...target, target: 2 });
    expect(refs(2)).toBe(r2 + 2);
    w.refuses({ ...target, target: 1 }, 'EINVAL');
    w.refuses({ ...target, domid: 1, target: 1 }, 'EINVAL');
    w.refuses({ ...target, domid: 1, target: 70 }, 'ESRCH');
    w.does({ type: 'domctl.destroydomain', ...tool, domid: 2 });
    w.refuses({ ...handler, vcpu: 0, domid: 2 }, 'not enabled');
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    // Its handler's registration is gone, its stub domain still holds it.
    expect(w.d(2)).toMatchObject({ dying: 'dead', refcnt: 1, totPages: 0 });
    w.does({ type: 'domctl.destroydomain', ...tool, domid: 3 });
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect([...w.host().xen.system.destroying].sort()).toEqual([2, 3]);
  });

  test('a sysctl on another CPU needs one to work on', () => {
    const w = start();
    const plug = { type: 'sysctl.cpu_hotplug', ...tool, fails: false } as const;
    w.refuses({ ...plug, cpu: 0 }, 'EINVAL');
    w.refuses({ ...plug, cpu: 2 }, 'EINVAL');
    w.refuses({ ...plug, caller: 1, cpu: 1 }, 'EPERM');
    w.does({ ...plug, cpu: 1 });
    w.refuses({ ...plug, cpu: 1 }, 'not enabled');
  });
});

describe('vCPUs', () => {
  test('initialise, up and down; the last one down powers off', () => {
    const w = start((draft) => {
      const v = domainAt(draft, 1).domain.vcpus[1];
      if (v !== undefined)
        Object.assign(v, { initialised: false, guestTable: null, pauseFlags: VPF.down });
    });
    w.refuses({ type: 'vcpu.up', ...me, target: 1 }, 'EINVAL');
    w.refuses({ type: 'vcpu.up', ...me, target: 4 }, 'ENOENT');
    const cr3 = w.v(1, 0).guestTable as number;
    w.refuses({ type: 'vcpu.initialise', ...me, target: 1, cr3: cr3 - 1 }, 'EINVAL');
    w.refuses({ type: 'vcpu.initialise', ...me, target: 4, cr3 }, 'ENOENT');
    w.does({ type: 'vcpu.initialise', ...me, target: 1, cr3 });
    w.refuses({ type: 'vcpu.initialise', ...me, target: 1, cr3 }, 'EEXIST');
    expect(w.v(1, 1)).toMatchObject({ guestTable: cr3, pauseFlags: VPF.down });
    w.does({ type: 'vcpu.up', ...me, target: 1 });
    w.does({ type: 'sched.yield', domid: 1, vcpu: 1 });
    w.does({ type: 'vcpu.down', ...me, target: 0 });
    expect(w.v(1, 0).runstate.state).toBe(3);
    w.does({ type: 'vcpu.down', domid: 1, vcpu: 1, target: 1 });
    expect(w.d(1).shutdown).toEqual({ state: 'complete', code: SHUTDOWN.poweroff });
    w.refuses({ type: 'vcpu.down', domid: 3, vcpu: 0, target: 9 }, 'ENOENT');
  });

  test('vcpu_info moves once, and everything counts as pending there', () => {
    const w = start();
    w.does({ type: 'memory.increase_reservation', ...me });
    const { owner, typeCount } = w.host().xen.frames;
    const gfn = Array.from(owner as ArrayLike<number>).findIndex(
      (o, f) => o === 1 && typeCount[f] === 0,
    );
    const register = {
      type: 'vcpu.register_vcpu_info',
      ...me,
      target: 0,
      gfn,
      offset: 64,
    } as const;
    w.refuses({ ...register, offset: 4064 }, 'EINVAL');
    w.refuses({ ...register, gfn: 2 }, 'EINVAL');
    w.refuses({ ...register, target: 1 }, 'EINVAL');
    w.refuses({ ...register, target: 7 }, 'ENOENT');
    w.does(register);
    expect(w.v(1, 0).vcpuInfo).toEqual({ frame: gfn, offset: 64 });
    const page = contentOf(w.host().hardware, gfn, 'vcpu_info');
    expect(page?.infos[64]).toMatchObject({ upcallPending: true, pendingSel: 2 ** 53 - 1 });
    expect(w.host().xen.frames.typeCount[gfn]).toBe(1);
    w.refuses(register, 'EINVAL');
    w.does({ ...register, vcpu: 1, target: 1, offset: 128 });
    expect(w.host().xen.frames.typeCount[gfn]).toBe(2);
    w.does({ type: 'vcpu.register_runstate', ...me, target: 1, addr: 0x1000 });
    expect(w.v(1, 1).runstateArea).toBe(0x1000);
    w.refuses({ type: 'vcpu.register_runstate', ...me, target: 7, addr: 0x1000 }, 'ENOENT');
  });

  test('timers fire when they are due, and wake', () => {
    const w = start();
    w.does({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 });
    const now = w.host().xen.now;
    w.refuses(
      { type: 'vcpu.set_singleshot_timer', ...me, timeout: now - 1, future: true },
      'ETIME',
    );
    w.does({ type: 'vcpu.set_singleshot_timer', ...me, timeout: now + 500, future: true });
    w.does({ type: 'sched.block', ...me });
    w.refuses({ type: 'timer.fires', ...me }, 'not enabled');
    w.does({ type: 'time.passes', ns: 500 });
    w.does({ type: 'timer.fires', ...me });
    expect(w.v(1, 0)).toMatchObject({ pauseFlags: 0, timers: { singleshot: null } });
    expect(pendingOf(w, 1)).toEqual([1]);
    w.refuses({ type: 'vcpu.set_periodic_timer', ...me, period: 999_999 }, 'EINVAL');
    w.does({ type: 'vcpu.set_periodic_timer', ...me, period: 1_000_000 });
    w.does({ type: 'time.passes', ns: 2_500_000 });
    w.does({ type: 'timer.fires', ...me });
    expect(w.v(1, 0).timers.periodic?.lastEvent).toBe(now + 500 + 2_000_000);
    w.does({ type: 'vcpu.stop_periodic_timer', ...me });
    w.does({ type: 'vcpu.set_singleshot_timer', ...me, timeout: 0, future: false });
    w.does({ type: 'vcpu.stop_singleshot_timer', ...me });
    w.refuses({ type: 'timer.fires', ...me }, 'not enabled');
    w.refuses({ type: 'time.passes', ns: 0 }, 'not enabled');
  });

  test('polling has a limit, knows its ports, and does not sleep on a pending one', () => {
    const w = start();
    w.refuses({ type: 'sched.poll', ...me, ports: Array(129).fill(1) }, 'EINVAL');
    w.refuses({ type: 'sched.poll', ...me, ports: [0] }, 'EINVAL');
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 1 });
    w.does({ type: 'guest.mask', ...me, port: 1 });
    w.does({ type: 'evtchn.send', ...me, port: 1 });
    w.does({ type: 'sched.poll', ...me, ports: [1] });
    expect(w.v(1, 0).pauseFlags).toBe(0);
  });
});

describe('IOREQ servers', () => {
  const stub = { caller: 3, vcpu: 0, domid: 2 } as const;

  test('a device model attaches, serves and leaves', () => {
    const w = start();
    w.refuses({ type: 'ioreq.create', ...stub, buffered: true }, 'EPERM');
    w.does({ type: 'domctl.set_target', ...tool, domid: 3, target: 2 });
    w.refuses({ type: 'ioreq.create', ...tool, domid: 1, buffered: true }, 'EINVAL');
    w.refuses({ type: 'ioreq.create', ...tool, domid: 9, buffered: true }, 'ESRCH');
    w.does({ type: 'ioreq.create', ...stub, buffered: true });
    const s = w.d(2).ioreqServers[0];
    expect(s).toMatchObject({ emulator: 3, enabled: false, bufioreqPort: 3 });
    expect(w.d(2).events.xenChannels).toBe(3);
    const request = {
      type: 'ioreq.send',
      domid: 2,
      vcpu: 1,
      server: 0,
      addr: 0x70,
      write: false,
    } as const;
    w.refuses(request, 'UNHANDLEABLE');
    w.does({ type: 'ioreq.set_state', ...stub, server: 0, enabled: true });
    w.does({ type: 'ioreq.map_range', ...stub, server: 0, kind: 0, first: 0x70, last: 0x71 });
    w.refuses(
      { type: 'ioreq.map_range', ...stub, server: 0, kind: 0, first: 0x71, last: 0x80 },
      'EEXIST',
    );
    w.refuses(
      { type: 'ioreq.map_range', ...stub, server: 0, kind: 1, first: 9, last: 8 },
      'EINVAL',
    );
    w.refuses({ type: 'ioreq.set_state', ...stub, server: 4, enabled: true }, 'ENOENT');
    w.refuses({ type: 'ioreq.set_state', ...stub, caller: 0, server: 0, enabled: true }, 'EPERM');
    w.does({ type: 'evtchn.bind_interdomain', domid: 3, vcpu: 0, remote: 2, remotePort: 2 });
    w.does({ type: 'guest.upcall', domid: 3, vcpu: 0 });
    w.does(request);
    // The request notifies the emulator's end of the vCPU's port.
    expect(pendingOf(w, 3)).toEqual([1]);
    const page = s?.ioreqPage as number;
    const table = w.v(3, 0).guestTable as number;
    expect(contentOf(w.host().hardware, table, 'pagetable')).not.toBeNull();
    const l1 = Array.from(w.host().xen.frames.flags as ArrayLike<number>).findIndex(
      (f, i) => (f & 7) === 1 && w.host().xen.frames.owner[i] === 3,
    );
    w.does({
      type: 'mmu.update',
      domid: 3,
      vcpu: 0,
      table: l1,
      slot: 100,
      entry: pte(page, PTE.present | PTE.rw),
    });
    w.does({ type: 'ioreq.destroy', ...stub, server: 0 });
    expect(w.d(2)).toMatchObject({ ioreqServers: {}, events: { xenChannels: 0 } });
    expect(w.d(3).events.channels[1]?.binding).toEqual({ state: 'unbound', remoteDomid: 2 });
    // The emulator still maps the page: it stays the target's until that ends.
    expect(w.host().xen.frames.owner[page]).toBe(2);
    w.does({ type: 'mmu.update', domid: 3, vcpu: 0, table: l1, slot: 100, entry: 0 });
    expect(w.host().xen.frames.owner[page]).toBe(0x7ff4);
    // The vCPU finds no slot in use, and goes on.
    w.does({ type: 'vcpu.complete-io', domid: 2, vcpu: 1 });
  });

  test('there are at most eight', () => {
    const w = start();
    const create = { type: 'ioreq.create', ...tool, domid: 2, buffered: false } as const;
    for (let i = 0; i < 8; i++) w.does(create);
    w.refuses(create, 'ENOSPC');
  });
});
