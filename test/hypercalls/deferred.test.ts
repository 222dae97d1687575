/** Requests to emulators, tasklets, resets, log-dirty, old page tables: what is under way and ends. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt } from '../../src/host/build/draft.ts';
import { bindIpi, bindUnbound } from '../../src/host/build/events.ts';
import { raise, useFifo } from '../../src/host/build/fifo.ts';
import { finish } from '../../src/host/build/finish.ts';
import { sendIoreq } from '../../src/host/build/ioreq.ts';
import {
  pauseBy,
  pauseByController,
  queueRcu,
  queueTasklet,
  refuseMove,
} from '../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../src/host/build/mixed-host.ts';
import {
  addPartialTable,
  addPinnedTable,
  setOldGuestTable,
} from '../../src/host/build/page-tables.ts';
import { DOMCTL, EVTCHNOP, HYPERVISOR, IOREQ, SHUTDOWN, VPF } from '../../src/host/constants.ts';
import { P2M_TYPE } from '../../src/host/content.ts';
import { FLAG, hasFlag } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import { domid } from '../../src/host/ids.ts';
import { forEachP2mEntry } from '../../src/host/references.ts';
import { MMU_UPDATE_PREEMPTED } from '../../src/hypercalls/mmu/old-guest-table.ts';
import { type World, world, xen } from './world.ts';

const HVM = 3;
const at = { domid: HVM, server: 0, vcpu: 0 } as const;
const request = { type: 'ioreq.send', ...at, addr: 0x60, write: true } as const;
const slot = (w: World) =>
  contentOf(w.host().hardware, w.d(HVM).ioreqServers[0]?.ioreqPage ?? 0, 'ioreq')?.slots[0];

describe('an I/O request', () => {
  test('goes NONE, READY, INPROCESS, RESP_READY, NONE, and defers shutdowns meanwhile', () => {
    const w = world(mixedHost());
    const states: (number | undefined)[] = [];
    w.does(request);
    states.push(slot(w)?.state);
    expect(w.v(HVM, 0)).toMatchObject({
      deferShutdown: true,
      io: { state: IOREQ.READY },
      pauseFlags: VPF.blocked_in_xen,
    });
    expect(w.d(HVM).ioreqServers[0]?.vcpus[0]?.pending).toBe(true);
    w.refuses({ type: 'vcpu.complete-io', domid: HVM, vcpu: 0 }, 'not enabled');
    w.refuses({ type: 'emulator.respond', ...at }, 'not enabled');
    w.does({ type: 'emulator.take', ...at });
    states.push(slot(w)?.state);
    w.refuses({ type: 'emulator.take', ...at }, 'not enabled');
    w.does({ type: 'emulator.respond', ...at });
    states.push(slot(w)?.state);
    w.does({ type: 'vcpu.complete-io', domid: HVM, vcpu: 0 });
    states.push(slot(w)?.state);
    expect(states).toEqual([1, 2, 3, 0]);
    expect(w.v(HVM, 0)).toMatchObject({
      deferShutdown: false,
      io: { state: IOREQ.NONE, completion: 'none' },
      pauseFlags: 0,
    });
    expect(w.d(HVM).ioreqServers[0]?.vcpus[0]?.pending).toBe(false);
    w.refuses({ type: 'vcpu.complete-io', domid: HVM, vcpu: 0 }, 'not enabled');
  });

  test('is not answered by an emulator that cannot run (F9.7)', () => {
    const draft = mixedDraft();
    sendIoreq(draft, HVM, 0, 0, 1);
    pauseBy(draft, 0, 'lu');
    const w = world(finish(draft));
    w.refuses({ type: 'emulator.take', ...at }, 'not enabled');
  });

  test('is completed while the domain is being parked, but not while it is paused', () => {
    for (const [hold, enabled] of [
      ['lu', true],
      ['controller', false],
    ] as const) {
      const draft = mixedDraft();
      sendIoreq(draft, HVM, 0, 0, 3);
      if (hold === 'lu') pauseBy(draft, HVM, 'lu');
      else pauseByController(draft, HVM);
      const w = world(finish(draft));
      const event = { type: 'vcpu.complete-io', domid: HVM, vcpu: 0 } as const;
      if (enabled) w.does(event);
      else w.refuses(event, 'not enabled');
    }
  });

  test('is not sent while one is in flight, nor to a slot that is not idle', () => {
    const w = world(mixedHost());
    w.does(request);
    w.refuses(request, 'not enabled');
    const draft = mixedDraft();
    sendIoreq(draft, HVM, 0, 0, 3);
    const v = domainAt(draft, HVM).domain.vcpus[0];
    if (v !== undefined)
      Object.assign(v, {
        io: { state: 0, completion: 'none', suspended: false },
        pauseFlags: 0,
        deferShutdown: false,
      });
    world(finish(draft)).refuses(request, 'UNHANDLEABLE');
    w.refuses({ ...request, vcpu: 1, server: 5 }, 'UNHANDLEABLE');
  });

  test('lets a shutdown wait, which then takes the vCPU (F2.25)', () => {
    const w = world(mixedHost());
    w.does(request);
    w.does({ type: 'sched.shutdown', domid: HVM, vcpu: 1, reason: SHUTDOWN.suspend });
    expect(w.d(HVM).shutdown.state).toBe('in_progress');
    expect(w.v(HVM, 0).pausedForShutdown).toBe(false);
    w.does({ type: 'emulator.take', ...at });
    w.does({ type: 'emulator.respond', ...at });
    w.does({ type: 'vcpu.complete-io', domid: HVM, vcpu: 0 });
    expect(w.d(HVM).shutdown.state).toBe('complete');
    expect(w.v(HVM, 0)).toMatchObject({ pausedForShutdown: true, pauseCount: 1 });
  });

  test('a stored crash code takes the vCPU with its request in flight (F2.23, F2.27)', () => {
    const w = world(mixedHost());
    w.does({ type: 'sched.shutdown_code', domid: HVM, vcpu: 0, reason: SHUTDOWN.crash });
    w.does(request);
    w.does({ type: 'sched.shutdown', domid: HVM, vcpu: 1, reason: SHUTDOWN.suspend });
    expect(w.d(HVM).shutdown).toEqual({ state: 'complete', code: SHUTDOWN.crash });
    expect(w.v(HVM, 0)).toMatchObject({ pausedForShutdown: true, deferShutdown: false });
  });
});

describe('tasklet.run', () => {
  test('writes the result, unpauses the caller and drops its reference', () => {
    const w = world(mixedHost());
    const { refcnt } = w.d(0);
    w.does({ type: 'sysctl.cpu_hotplug', caller: 0, vcpu: 1, cpu: 1, fails: true });
    expect(w.v(0, 1)).toMatchObject({ pauseCount: 1, registers: { rax: 0, atHypercall: false } });
    expect(w.d(0).refcnt).toBe(refcnt + 1);
    const id = w.host().xen.system.tasklets[0]?.id ?? -1;
    w.does({ type: 'tasklet.run', id });
    expect(w.v(0, 1)).toMatchObject({ pauseCount: 0, registers: { rax: 0xffff_fff0 } });
    expect(w.d(0).refcnt).toBe(refcnt);
    w.refuses({ type: 'tasklet.run', id }, 'not enabled');
  });

  test('delivers an upcall, an INIT-SIPI, and a notification', () => {
    const draft = mixedDraft();
    const d = domainAt(draft, HVM).domain;
    d.hvmParams[0] = 0xf3;
    const [v0, v1] = d.vcpus;
    if (v0 !== undefined) v0.pauseFlags = VPF.blocked;
    if (v1 !== undefined) v1.pauseFlags = VPF.down;
    const upcall = queueTasklet(draft, {
      work: 'assert_evtchn_irq',
      softirq: true,
      vcpu: { domid: domid(HVM), vcpu: 0 },
    });
    const sipi = queueTasklet(draft, {
      work: 'init_sipi',
      softirq: false,
      vcpu: { domid: domid(HVM), vcpu: 1 },
    });
    const idle = queueTasklet(draft, { work: 'notify', softirq: false });
    const w = world(finish(draft));
    w.does({ type: 'tasklet.run', id: upcall });
    expect(w.v(HVM, 0)).toMatchObject({ injectVector: 0xf3, pauseFlags: 0 });
    w.does({ type: 'tasklet.run', id: sipi });
    expect(w.v(HVM, 1)).toMatchObject({ pauseFlags: 0, initialised: true });
    w.does({ type: 'tasklet.run', id: idle });
    expect(w.host().xen.system.tasklets).toEqual([]);
  });

  test('rcu.run runs all callbacks', () => {
    const draft = mixedDraft();
    queueRcu(draft, 'radix tree');
    queueRcu(draft, 'pirq');
    const w = world(finish(draft));
    w.does({ type: 'rcu.run' });
    expect(w.host().xen.system.rcu).toEqual([]);
  });
});

describe('evtchn.reset', () => {
  const fresh = { type: 'evtchn.reset', domid: 1, vcpu: 0, target: 1 } as const;
  const ports = (w: World, id: number) => Object.keys(w.d(id).events.channels).map(Number);

  test.each([1, 2])('preempted after %i ports it goes on from its cursor', (n) => {
    const w = world(mixedHost());
    w.does({ ...fresh, ports: n });
    expect(w.d(1).events.nextEvtchn).toBe(n);
    expect(w.v(1, 0).registers).toMatchObject({ rdi: EVTCHNOP.reset_cont, atHypercall: true });
    w.refuses({ ...fresh, vcpu: 1, ports: null }, 'EBUSY');
    w.does({ type: 'evtchn.reset-continue', domid: 1, vcpu: 0, ports: null });
    expect(w.d(1).events.nextEvtchn).toBe(0);
    expect(ports(w, 1)).toEqual([]);
    expect(w.v(1, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
  });

  test('ends with -EAGAIN when a port was opened below the cursor meanwhile (F5.4)', () => {
    const w = world(mixedHost());
    w.does({ ...fresh, ports: 2 });
    w.does({ type: 'evtchn.bind_ipi', domid: 1, vcpu: 1, target: 0 });
    w.does({ type: 'evtchn.reset-continue', domid: 1, vcpu: 0, ports: null });
    expect(ports(w, 1)).toEqual([1]);
    expect(w.v(1, 0).registers.rax).toBe(0x1_0000_0000 - 11);
  });

  test('resuming without a reset in progress is -EBUSY; without sub-op 14, -ENOSYS', () => {
    for (const [id, errno] of [
      ['4.17', 16],
      ['4.14', 38],
    ] as const) {
      const draft = mixedDraft({ version: id });
      const v = domainAt(draft, 1).domain.vcpus[0];
      if (v !== undefined)
        Object.assign(v.registers, {
          rax: HYPERVISOR.event_channel_op,
          rdi: EVTCHNOP.reset_cont,
          rsi: 1,
          atHypercall: true,
        });
      const w = world(finish(draft), xen(id));
      w.does({ type: 'hypercall.finish', domid: 1, vcpu: 0 });
      expect(w.v(1, 0).registers).toMatchObject({ rax: 2 ** 32 - errno, atHypercall: false });
    }
  });

  test('of another domain needs a right to it and its controller pause (F5.2)', () => {
    const w = world(mixedHost());
    w.refuses({ ...fresh, domid: 0, ports: null }, 'EINVAL');
    w.refuses({ ...fresh, target: 3, ports: null }, 'EPERM');
    w.refuses({ ...fresh, target: 9, ports: null }, 'ESRCH');
    w.does({ type: 'domctl.pausedomain', caller: 0, vcpu: 0, domid: 1 });
    w.does({ ...fresh, domid: 0, ports: null });
    expect(ports(w, 1)).toEqual([]);
  });

  test('of a FIFO domain gives its pages back and keeps the ports of Xen', () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16 });
    addDomain(draft, { type: 'pv', pages: 16 });
    useFifo(draft, 1);
    bindIpi(draft, 1);
    bindUnbound(draft, 1, 0, { xenConsumer: 'vm_event' });
    raise(draft, 1, 1);
    const w = world(finish(draft));
    const [array = 0] = w.d(1).events.fifoArray;
    w.does({ ...fresh, ports: null });
    expect(w.d(1).events).toMatchObject({ abi: '2l', fifoArray: [], activeChannels: 1 });
    expect(w.v(1, 0).fifo).toBeNull();
    // Its own L1 still maps the page writable.
    expect(w.host().xen.frames.typeCount[array]).toBe(1);
  });
});

describe('log-dirty', () => {
  const off = { type: 'domctl.shadow_op', caller: 0, vcpu: 0, domid: HVM } as const;
  const types = (w: World) => {
    const found = new Set<number>();
    forEachP2mEntry(w.host().hardware, w.d(HVM), (_g, _f, type) => found.add(type));
    return [...found];
  };

  test('a preempted op blocks others until paging.continue answers its caller', () => {
    const w = world(mixedHost());
    w.refuses({ ...off, op: 'off', preempt: false }, 'EINVAL');
    w.does({ ...off, op: 'enable_logdirty', preempt: false });
    expect(types(w)).toContain(P2M_TYPE.ram_logdirty);
    w.does({ ...off, op: 'off', preempt: true });
    expect(w.d(HVM).pagingPreempt).toMatchObject({ caller: 0, op: 'off' });
    w.refuses({ ...off, vcpu: 1, op: 'peek', preempt: false }, 'EBUSY');
    w.does({ type: 'paging.continue', domid: HVM });
    expect(w.d(HVM)).toMatchObject({ pagingPreempt: null, p2m: { logDirty: false } });
    expect(types(w)).not.toContain(P2M_TYPE.ram_logdirty);
    expect(w.v(0, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
    w.refuses({ type: 'paging.continue', domid: HVM }, 'not enabled');
  });

  test('a preempted set_allocation blocks others but a question, and needs no log-dirty', () => {
    const w = world(mixedHost());
    w.does({ ...off, op: 'set_allocation', preempt: false });
    expect(w.d(HVM).pagingPreempt).toBeNull();
    w.does({ ...off, op: 'set_allocation', preempt: true });
    w.refuses({ ...off, vcpu: 1, op: 'set_allocation', preempt: false }, 'EBUSY');
    w.does({ ...off, vcpu: 1, op: 'get_allocation', preempt: true });
    expect(w.d(HVM).pagingPreempt).toMatchObject({ caller: 0, op: 'set_allocation' });
    expect(w.v(0, 1).registers.atHypercall).toBe(false);
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect(w.d(HVM).pagingPreempt).toBeNull();
  });

  test('is refused for oneself, for PV, for the dying and for the unprivileged', () => {
    const w = world(mixedHost());
    const op = { op: 'enable_logdirty', preempt: false } as const;
    w.refuses({ ...off, ...op, domid: 0 }, 'EINVAL');
    w.refuses({ ...off, ...op, domid: 1 }, 'EINVAL');
    w.refuses({ ...off, ...op, domid: 4 }, 'EINVAL');
    w.refuses({ ...off, ...op, domid: 99 }, 'ESRCH');
    w.refuses({ ...off, ...op, caller: 1 }, 'EPERM');
  });
});

describe('hypercall.finish', () => {
  test('carries destroydomain to the end for its caller', () => {
    const w = world(mixedHost());
    w.does({ type: 'domctl.destroydomain', caller: 0, vcpu: 1, domid: 2 });
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 1 });
    expect(w.d(2).dying).toBe('dead');
    expect(w.v(0, 1).registers).toMatchObject({ rax: 0, atHypercall: false });
    w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 1 }, 'not enabled');
  });

  test('of destroydomain where cpupool0 does not take the domain: its caller stays at it', () => {
    const draft = mixedDraft();
    refuseMove(draft, 2);
    const w = world(finish(draft));
    w.does({ type: 'domctl.destroydomain', caller: 0, vcpu: 1, domid: 2 });
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 1 });
    expect(w.d(2)).toMatchObject({ dying: 'dying', teardown: { phase: 'done' } });
    expect(w.v(0, 1).registers.atHypercall).toBe(true);
    w.refuses({ type: 'domain.kill', domid: 2 }, 'not enabled');
    w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 1 }, 'not enabled');
  });

  test('finds no domain: -ESRCH', () => {
    const draft = mixedDraft();
    const v = domainAt(draft, 0).domain.vcpus[0];
    if (v !== undefined)
      Object.assign(v.registers, {
        rax: HYPERVISOR.domctl,
        rdi: DOMCTL.destroydomain,
        rsi: 50,
        atHypercall: true,
      });
    const w = world(finish(draft));
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect(w.v(0, 0).registers.rax).toBe(2 ** 32 - 3);
  });
});

describe('old_guest_table', () => {
  for (const id of ['4.11', '4.17'])
    test(`of Xen ${id} is put, partial or whole, and the call returns its rc`, () => {
      const version = xen(id);
      const draft = mixedDraft({ version: id, rules: version.countRules });
      const d = domainAt(draft, 1);
      const whole = addPinnedTable(draft, d, 3);
      const partial = addPartialTable(draft, d, {
        level: 3,
        children: [d.tables[2][0] as number],
        validated: 1,
      });
      draft.frames.flags[whole] = (draft.frames.flags[whole] ?? 0) & ~FLAG.pinned;
      setOldGuestTable(draft, d, 0, whole);
      setOldGuestTable(draft, d, 1, partial);
      const v = d.domain.vcpus[0];
      if (v !== undefined)
        Object.assign(v.registers, {
          rax: HYPERVISOR.mmuext_op,
          rdi: 0,
          rsi: MMU_UPDATE_PREEMPTED,
          r10: 7,
          atHypercall: true,
        });
      const w = world(finish(draft), version);
      for (const vcpu of [0, 1]) w.does({ type: 'mm.put-old-table', domid: 1, vcpu });
      for (const frame of [whole, partial])
        expect(hasFlag(w.host().xen.frames, frame, FLAG.validated | FLAG.partial)).toBe(false);
      expect(w.v(1, 0).registers).toMatchObject({ rax: 7, atHypercall: false });
      w.refuses({ type: 'mm.put-old-table', domid: 1, vcpu: 0 }, 'not enabled');
    });
});
