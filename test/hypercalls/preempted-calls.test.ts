/** Calls that are preempted with their progress in registers and guest memory (F3.3, F3.4). */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { bindIpi } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { pauseVcpu, startDying } from '../../src/host/build/lifecycle.ts';
import { DOMCTL, HYPERVISOR, PAGE_SIZE, SYSCTL, XENMEM } from '../../src/host/constants.ts';
import { frameCount, ownerOf } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import { type World, world } from './world.ts';

/** d0; d1 PV; d2 PVH. */
const start = (prepare: (draft: HostDraft) => void = () => undefined): World => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
  addDomain(draft, { type: 'pv', pages: 32, vcpus: 2 });
  addDomain(draft, { type: 'pvh', pages: 32 });
  prepare(draft);
  return world(finish(draft));
};
const own = (w: World, domid: number): number[] => {
  const { frames } = w.host().xen;
  return Array.from({ length: frameCount(frames) }, (_, f) => f).filter(
    (f) => ownerOf(frames, f) === domid,
  );
};
/** Pages that d1 has mapped nowhere. */
const fresh = (w: World, count: number): number[] => {
  const before = own(w, 1);
  for (let n = 0; n < count; n++)
    w.does({ type: 'memory.increase_reservation', domid: 1, vcpu: 1 });
  return own(w, 1).filter((f) => !before.includes(f));
};
const d1 = { domid: 1, vcpu: 0 } as const;
const d2 = { domid: 2, vcpu: 0 } as const;
const reenter = { type: 'hypercall.reenter', ...d1 } as const;
const registers = (w: World) => w.v(1, 0).registers;

describe('memory_op over extents', () => {
  test('XENMEM_exchange counts in the buffer of the guest (C2)', () => {
    const w = start();
    const [at = 0, ...gfns] = fresh(w, 4);
    const exchange = { type: 'memory.extents', ...d1, command: 'exchange', at, gfns } as const;
    w.does({ ...exchange, done: 2 });
    expect(registers(w)).toMatchObject({
      ...{ rax: HYPERVISOR.memory_op, rdi: XENMEM.exchange, rsi: at * PAGE_SIZE },
      atHypercall: true,
    });
    expect(contentOf(w.host().hardware, at, 'extents')?.exchanged).toBe(2);
    w.refuses({ ...exchange, done: null }, 'not enabled');
    const total = w.d(1).totPages;
    w.does(reenter);
    expect(registers(w)).toMatchObject({ rax: 0, atHypercall: false });
    expect(contentOf(w.host().hardware, at, 'extents')?.exchanged).toBe(3);
    expect(w.d(1).totPages).toBe(total);
    w.refuses(reenter, 'not enabled');
  });

  test('an extent that is refused ends an exchange with its error, and the count stands there', () => {
    const w = start();
    const [at = 0, first = 0] = fresh(w, 2);
    const gfns = [first, 3];
    w.does({ type: 'memory.extents', ...d1, command: 'exchange', at, gfns, done: null });
    expect(registers(w)).toMatchObject({ rax: 2 ** 32 - 22, atHypercall: false });
    expect(contentOf(w.host().hardware, at, 'extents')?.exchanged).toBe(1);
  });

  test('decrease_reservation keeps the start extent in its command word (C1)', () => {
    for (const [call, domid] of [
      [d1, 1],
      [d2, 2],
    ] as const) {
      const w = start();
      const gfns = domid === 1 ? fresh(w, 3) : [20, 21, 22];
      const at = domid === 1 ? (fresh(w, 1)[0] as number) : 25;
      const total = w.d(domid).totPages;
      w.does({
        type: 'memory.extents',
        ...call,
        command: 'decrease_reservation',
        at,
        gfns,
        done: 1,
      });
      expect(w.v(domid, 0).registers).toMatchObject({
        ...{ rax: HYPERVISOR.memory_op, rdi: XENMEM.decrease_reservation + 64 },
        ...{ rsi: at * PAGE_SIZE, atHypercall: true },
      });
      expect(w.d(domid).totPages).toBe(total - 1);
      w.does({ type: 'hypercall.finish', ...call });
      expect(w.v(domid, 0).registers).toMatchObject({ rax: 3, atHypercall: false });
      expect(w.d(domid).totPages).toBe(total - 3);
    }
  });

  test('returns how many were given back where one is refused; without its buffer, -EFAULT', () => {
    const w = start();
    const [at = 0, first = 0] = fresh(w, 2);
    const call = { type: 'memory.extents', ...d1, command: 'decrease_reservation', at } as const;
    w.does({ ...call, gfns: [first, 3], done: null });
    expect(registers(w)).toMatchObject({ rax: 1, atHypercall: false });
    w.does({ ...call, gfns: [first], done: 0 });
    w.does({ type: 'guest.write', domid: 1, vcpu: 1, gfn: at, value: 7 });
    w.does(reenter);
    expect(registers(w)).toMatchObject({ rax: 2 ** 32 - 14, atHypercall: false });
  });

  test('is not for pages that the guest has not, nor a buffer among its own extents', () => {
    const w = start();
    const [at = 0] = fresh(w, 1);
    const call = { type: 'memory.extents', ...d1, command: 'exchange', gfns: [at] } as const;
    w.refuses({ ...call, at, done: null }, 'not enabled');
    w.refuses({ ...call, at: 3, done: null }, 'not enabled');
    w.refuses({ ...call, ...d2, at: 20, done: null }, 'not enabled');
  });
});

describe('multicall', () => {
  const send = { op: 'send', port: 1 } as const;
  const withPort = (draft: HostDraft): void => {
    bindIpi(draft, 1);
  };
  const list = (w: World, at: number) => contentOf(w.host().hardware, at, 'multicall')?.calls;

  test('preempted between two entries: the rest of the list is in registers (F3.3)', () => {
    const w = start(withPort);
    const [at = 0] = fresh(w, 1);
    const calls = [send, { ...send, port: 9 }, send];
    w.does({ type: 'multicall', ...d1, at, calls, done: 2, inside: 0 });
    expect(registers(w)).toMatchObject({
      ...{ rax: HYPERVISOR.multicall, rdi: at * PAGE_SIZE + 2 * 64, rsi: 1, atHypercall: true },
    });
    expect(list(w, at)?.map((c) => c.result)).toEqual([0, 2 ** 32 - 22, null]);
    w.does(reenter);
    expect(registers(w)).toMatchObject({ rax: 0, atHypercall: false });
    expect(list(w, at)?.map((c) => c.result)).toEqual([0, 2 ** 32 - 22, 0]);
  });

  test('preempted inside an entry: its arguments go back into the list', () => {
    const w = start(withPort);
    const [at = 0, buffer = 0, ...gfns] = fresh(w, 5);
    const give = { op: 'decrease_reservation', at: buffer, gfns } as const;
    const total = w.d(1).totPages;
    w.does({ type: 'multicall', ...d1, at, calls: [send, give, send], done: 1, inside: 2 });
    expect(registers(w)).toMatchObject({ rdi: at * PAGE_SIZE + 64, rsi: 2 });
    expect(list(w, at)?.[1]).toMatchObject({
      args: [XENMEM.decrease_reservation + 2 * 64, buffer * PAGE_SIZE],
      result: null,
    });
    expect(w.d(1).totPages).toBe(total - 2);
    w.does(reenter);
    expect(list(w, at)?.map((c) => c.result)).toEqual([0, 3, 0]);
    expect(w.d(1).totPages).toBe(total - 3);
  });

  test('an entry that ends before it can be preempted is not entered again', () => {
    const w = start();
    const [at = 0, buffer = 0, page = 0] = fresh(w, 3);
    const give = { op: 'exchange', at: buffer, gfns: [page] } as const;
    w.does({ type: 'multicall', ...d1, at, calls: [give], done: 0, inside: 5 });
    expect(registers(w)).toMatchObject({ rdi: at * PAGE_SIZE + 64, rsi: 0 });
    w.does(reenter);
    expect(registers(w)).toMatchObject({ rax: 0, atHypercall: false });
  });

  test('whose list is gone, or too short, gets -EFAULT; a call that no list may have, -ENOSYS', () => {
    const w = start();
    const [at = 0] = fresh(w, 1);
    w.does({ type: 'multicall', ...d1, at, calls: [send], done: 0, inside: 0 });
    w.does({ type: 'guest.write', domid: 1, vcpu: 1, gfn: at, value: 7 });
    w.does(reenter);
    expect(registers(w)).toMatchObject({ rax: 2 ** 32 - 14, atHypercall: false });
    const odd = start((draft) => {
      const d = domainAt(draft, 1);
      const page = d.pages[20] as number;
      const calls = [{ op: HYPERVISOR.vcpu_op, args: [], result: null }];
      draft.hardware.content[page] = { kind: 'multicall', calls };
      Object.assign(vcpuAt(d, 0).registers, {
        ...{ rax: HYPERVISOR.multicall, rdi: page * PAGE_SIZE, rsi: 1, atHypercall: true },
      });
    });
    odd.does(reenter);
    const page = registers(odd).rdi / PAGE_SIZE;
    expect(list(odd, page)?.[0]?.result).toBe(2 ** 32 - 38);
  });

  test('needs a page for its list, and entries that fit into it', () => {
    const w = start();
    const [at = 0, page = 0] = fresh(w, 2);
    const call = { type: 'multicall', ...d1, at, done: null, inside: 0 } as const;
    w.refuses({ ...call, calls: [] }, 'not enabled');
    w.refuses({ ...call, calls: Array.from({ length: 65 }, () => send) }, 'not enabled');
    w.refuses({ ...call, at: 3, calls: [send] }, 'not enabled');
    w.refuses({ ...call, calls: [{ op: 'exchange', at: page, gfns: [at] }] }, 'not enabled');
    w.refuses({ ...call, calls: [{ op: 'exchange', at: 3, gfns: [page] }] }, 'not enabled');
  });
});

describe('a domctl that finds the lock taken (C5)', () => {
  const tool = { caller: 0, vcpu: 0, domid: 1 } as const;
  const contended = { type: 'domctl.contended', ...tool } as const;
  const dom0 = (w: World) => w.v(0, 0).registers;

  test('has done nothing, and is issued again by the vCPU that stands at it, and no other', () => {
    const w = start();
    w.does({ ...contended, command: 'pausedomain' });
    expect(w.d(1)).toMatchObject({ pauseCount: 0, controllerPauseCount: 0 });
    expect(dom0(w)).toMatchObject({
      ...{ rax: HYPERVISOR.domctl, rdi: DOMCTL.pausedomain, rsi: 1, atHypercall: true },
    });
    w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 0 }, 'not enabled');
    w.refuses({ type: 'domctl.unpausedomain', ...tool }, 'not enabled');
    w.refuses({ type: 'domctl.pausedomain', ...tool, domid: 2 }, 'not enabled');
    w.does({ type: 'domctl.pausedomain', ...tool });
    expect(w.d(1)).toMatchObject({ pauseCount: 1, controllerPauseCount: 1 });
    expect(dom0(w)).toMatchObject({ rax: 0, atHypercall: false });
  });

  test('gets its refusal as a result', () => {
    const w = start();
    w.does({ ...contended, command: 'unpausedomain' });
    w.does({ type: 'domctl.unpausedomain', ...tool });
    expect(dom0(w)).toMatchObject({ rax: 2 ** 32 - 22, atHypercall: false });
    w.does({ ...contended, command: 'resumedomain' });
    w.does({ type: 'domctl.destroydomain', ...tool, vcpu: 1 });
    w.does({ type: 'domctl.resumedomain', ...tool });
    expect(dom0(w)).toMatchObject({ rax: 2 ** 32 - 22, atHypercall: false });
  });

  test('destroydomain begins when it is issued again, and goes on from there', () => {
    const w = start();
    w.does({ ...contended, command: 'destroydomain' });
    expect(w.d(1).dying).toBe('alive');
    w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 0 }, 'not enabled');
    w.does({ type: 'domctl.destroydomain', ...tool });
    expect(w.d(1).dying).toBe('dying');
    w.refuses({ type: 'domctl.destroydomain', ...tool }, 'not enabled');
    w.refuses({ ...contended, vcpu: 1, command: 'destroydomain' }, 'not enabled');
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect(w.host().xen.domains[1]).toBeUndefined();
    expect(dom0(w)).toMatchObject({ rax: 0, atHypercall: false });
  });

  test('waits while its vCPU is paused; nobody else can carry it on', () => {
    const w = start((draft) => {
      pauseVcpu(draft, 0, 0);
      startDying(draft, 2);
      Object.assign(vcpuAt(domainAt(draft, 0), 0).registers, {
        ...{ rax: HYPERVISOR.domctl, rdi: DOMCTL.pausedomain, rsi: 1, atHypercall: true },
      });
    });
    w.refuses({ type: 'domctl.pausedomain', ...tool }, 'not enabled');
    w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 0 }, 'not enabled');
  });

  test('one that only reads is answered; one whose arguments are elsewhere is not', () => {
    const standing = (call: Readonly<Record<string, number>>): World =>
      start((draft) => {
        Object.assign(vcpuAt(domainAt(draft, 0), 0).registers, call, { atHypercall: true });
      });
    const goesOn = { type: 'hypercall.reenter', domid: 0, vcpu: 0 } as const;
    const info = { rax: HYPERVISOR.domctl, rdi: DOMCTL.getdomaininfo };
    for (const [call, result] of [
      [{ ...info, rsi: 1 }, 0],
      [{ ...info, rsi: 50 }, 2 ** 32 - 3],
      [{ rax: HYPERVISOR.sysctl, rdi: SYSCTL.getdomaininfolist }, 0],
    ] as const) {
      const w = standing(call);
      w.does(goesOn);
      expect(dom0(w)).toMatchObject({ rax: result, atHypercall: false });
    }
    for (const call of [
      { rax: HYPERVISOR.domctl, rdi: DOMCTL.createdomain },
      { rax: HYPERVISOR.sysctl, rdi: 99 },
      { rax: HYPERVISOR.grant_table_op, rdi: 20 },
    ]) {
      const w = standing(call);
      w.refuses(goesOn, 'not enabled');
      w.refuses({ type: 'hypercall.finish', domid: 0, vcpu: 0 }, 'not enabled');
    }
  });

  test('is for privileged domains, and for domains that are there', () => {
    const w = start();
    w.refuses({ ...contended, caller: 1, command: 'pausedomain' }, 'EPERM');
    w.refuses({ ...contended, domid: 9, command: 'pausedomain' }, 'ESRCH');
  });
});
