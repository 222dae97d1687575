/** Event channels as guests use them: both ABIs, every binding, every errno (F6). */
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt } from '../../src/host/build/draft.ts';
import { bindPirq } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { VIRQ, VPF } from '../../src/host/constants.ts';
import { contentOf } from '../../src/host/hardware.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { type World, world, xen } from './world.ts';

/** dom0 and two PV guests with two vCPUs each, 40 pages. */
const start = (prepare: (draft: ReturnType<typeof buildHost>) => void = () => undefined): World => {
  const draft = buildHost();
  for (let id = 0; id < 3; id++) addDomain(draft, { type: 'pv', pages: 40, vcpus: 2 });
  prepare(draft);
  return world(finish(draft));
};

const me = { domid: 1, vcpu: 0 } as const;
const pageOf = (w: World, domid: number, n: number): number => {
  const { owner, typeCount, flags } = w.host().xen.frames;
  const found: number[] = [];
  for (let f = 0; f < owner.length; f++)
    if (owner[f] === domid && typeCount[f] === 1 && ((flags[f] ?? 0) & 0x17) === 7) found.push(f);
  return found[n] as number;
};
const shared = (w: World, domid: number) =>
  contentOf(w.host().hardware, w.d(domid).sharedInfo ?? 0, 'shared_info');
const wordOf = (w: World, domid: number, port: number): number =>
  contentOf(w.host().hardware, w.d(domid).events.fifoArray[0] ?? 0, 'fifo-array')?.words[port] ?? 0;
const bit = (word: number, n: number): boolean => ((word >>> n) & 1) === 1;

const connect = (w: World): void => {
  w.does({ type: 'evtchn.alloc_unbound', ...me, target: 1, remote: 2 });
  w.does({ type: 'evtchn.bind_interdomain', domid: 2, vcpu: 0, remote: 1, remotePort: 1 });
};
const useFifo = (w: World): void => {
  for (const target of [0, 1])
    w.does({ type: 'evtchn.init_control', ...me, target, gfn: pageOf(w, 1, 20), offset: 0 });
  w.does({ type: 'evtchn.expand_array', ...me, gfn: pageOf(w, 1, 20) });
};

describe('binding', () => {
  test('an inter-domain channel sets its new end pending, not the other (F6.10)', () => {
    const w = start();
    connect(w);
    expect(w.d(1).events.channels[1]?.binding).toEqual({
      state: 'interdomain',
      remoteDomid: 2,
      remotePort: 1,
    });
    expect(shared(w, 2)?.pending).toEqual([1]);
    expect(shared(w, 1)?.pending).toEqual([]);
  });

  test('gives the lowest free port', () => {
    const w = start();
    for (let i = 0; i < 3; i++) w.does({ type: 'evtchn.bind_ipi', ...me, target: 1 });
    w.does({ type: 'evtchn.close', ...me, port: 2 });
    w.does({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 1 });
    expect(w.d(1).events.channels[2]?.binding).toEqual({ state: 'virq', virq: VIRQ.TIMER });
    expect(w.v(1, 1).virqToPort).toEqual({ [VIRQ.TIMER]: 2 });
  });

  const refusals: readonly [string, HostEvent, string][] = [
    [
      'alloc for a stranger',
      { type: 'evtchn.alloc_unbound', ...me, target: 2, remote: 1 },
      'EPERM',
    ],
    ['alloc for nobody', { type: 'evtchn.alloc_unbound', ...me, target: 9, remote: 1 }, 'ESRCH'],
    [
      'a port that does not wait',
      { type: 'evtchn.bind_interdomain', ...me, remote: 2, remotePort: 1 },
      'EINVAL',
    ],
    [
      'a port of nobody',
      { type: 'evtchn.bind_interdomain', ...me, remote: 9, remotePort: 1 },
      'ESRCH',
    ],
    ['no such VIRQ', { type: 'evtchn.bind_virq', ...me, virq: 24, target: 0 }, 'EINVAL'],
    [
      'a global VIRQ on vCPU 1',
      { type: 'evtchn.bind_virq', domid: 0, vcpu: 0, virq: VIRQ.DOM_EXC, target: 1 },
      'EINVAL',
    ],
    [
      'a global VIRQ of another',
      { type: 'evtchn.bind_virq', ...me, virq: VIRQ.DOM_EXC, target: 0 },
      'EBUSY',
    ],
    [
      'a VIRQ of no vCPU',
      { type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 2 },
      'ENOENT',
    ],
    ['an IPI of no vCPU', { type: 'evtchn.bind_ipi', ...me, target: 2 }, 'ENOENT'],
    ['a PIRQ that it has not', { type: 'evtchn.bind_pirq', ...me, pirq: 5 }, 'EPERM'],
    ['close of a free port', { type: 'evtchn.close', ...me, port: 3 }, 'EINVAL'],
    ['send on a free port', { type: 'evtchn.send', ...me, port: 3 }, 'EINVAL'],
    ['unmask of no port', { type: 'evtchn.unmask', ...me, port: 5000 }, 'EINVAL'],
    [
      'priority of a free port',
      { type: 'evtchn.set_priority', ...me, port: 3, priority: 1 },
      'EINVAL',
    ],
    ['move of a free port', { type: 'evtchn.bind_vcpu', ...me, port: 3, target: 0 }, 'EINVAL'],
    ['move to no vCPU', { type: 'evtchn.bind_vcpu', ...me, port: 3, target: 7 }, 'ENOENT'],
    ['array without FIFO', { type: 'evtchn.expand_array', ...me, gfn: 1 }, 'EOPNOTSUPP'],
    [
      'control block of no vCPU',
      { type: 'evtchn.init_control', ...me, target: 5, gfn: 1, offset: 0 },
      'ENOENT',
    ],
    [
      'control block beyond the page',
      { type: 'evtchn.init_control', ...me, target: 0, gfn: 1, offset: 4088 },
      'EINVAL',
    ],
    [
      'control block nowhere',
      { type: 'evtchn.init_control', ...me, target: 0, gfn: 1, offset: 0 },
      'EINVAL',
    ],
  ];
  for (const [what, event, errno] of refusals)
    test(`${what} is ${errno}`, () => {
      start().refuses(event, errno);
    });

  test('a VIRQ or a PIRQ twice is EEXIST', () => {
    const w = start((draft) => {
      bindPirq(draft, 1, 5, 5);
      domainAt(draft, 2).domain.pirqs[6] = 6;
    });
    w.refuses({ type: 'evtchn.bind_pirq', ...me, pirq: 5 }, 'EEXIST');
    w.does({ type: 'evtchn.bind_pirq', domid: 2, vcpu: 0, pirq: 6 });
    w.does({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 });
    w.refuses({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 }, 'EEXIST');
  });

  test('ends at the limit of the domain', () => {
    const w = start((draft) => {
      domainAt(draft, 1).domain.events.maxPort = 2;
    });
    for (let i = 0; i < 2; i++) w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    w.refuses({ type: 'evtchn.bind_ipi', ...me, target: 0 }, 'ENOSPC');
  });

  test('IPIs and per-vCPU VIRQs stay on their vCPU, others move', () => {
    const w = start();
    connect(w);
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    w.does({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 });
    w.does({ type: 'evtchn.bind_vcpu', ...me, port: 1, target: 1 });
    expect(w.d(1).events.channels[1]?.notifyVcpu).toBe(1);
    for (const port of [2, 3])
      w.refuses({ type: 'evtchn.bind_vcpu', ...me, port, target: 1 }, 'EINVAL');
  });
});

describe('closing', () => {
  test('leaves the peer waiting for the closer (F6.12), without the event (F6.11)', () => {
    const w = start();
    connect(w);
    w.does({ type: 'evtchn.close', domid: 2, vcpu: 0, port: 1 });
    expect(w.d(1).events.channels[1]?.binding).toEqual({ state: 'unbound', remoteDomid: 2 });
    expect(w.d(2).events).toMatchObject({ channels: {}, activeChannels: 0 });
    expect(shared(w, 2)?.pending).toEqual([]);
  });

  test('of a port whose peer does not match would crash the host (F6.12)', () => {
    const w = start();
    connect(w);
    const broken = structuredClone(w.host());
    const channels: Record<number, unknown> = broken.xen.domains[1]?.events.channels ?? {};
    delete channels[1];
    const ctx = { version: xen('4.17'), design: defaultDesign };
    const result = apply(broken, { type: 'evtchn.close', domid: 2, vcpu: 0, port: 1 }, ctx);
    expect(result).toMatchObject({ _tag: 'Left', left: { errno: 'BUG' } });
  });

  test('a guest cannot close, send on or move a port of Xen', () => {
    const w = start((draft) => {
      addDomain(draft, { type: 'hvm', pages: 40 });
    });
    w.does({ type: 'ioreq.create', caller: 0, vcpu: 0, domid: 3, buffered: true });
    const hvm = { domid: 3, vcpu: 0, port: 1 } as const;
    w.refuses({ type: 'evtchn.close', ...hvm }, 'EINVAL');
    w.refuses({ type: 'evtchn.send', ...hvm }, 'EINVAL');
    w.refuses({ type: 'evtchn.bind_vcpu', ...hvm, target: 0 }, 'EINVAL');
  });
});

describe('2-level events', () => {
  test('raise the upcall once, wait while masked, and are taken by the guest', () => {
    const w = start();
    connect(w);
    w.does({ type: 'guest.mask', ...me, port: 1 });
    w.does({ type: 'evtchn.send', domid: 2, vcpu: 0, port: 1 });
    expect(shared(w, 1)).toMatchObject({ pending: [1], masked: [1] });
    expect(shared(w, 1)?.vcpus[0]).toMatchObject({ upcallPending: false, pendingSel: 0 });
    w.does({ type: 'evtchn.unmask', ...me, port: 1 });
    expect(shared(w, 1)?.vcpus[0]).toMatchObject({ upcallPending: true, pendingSel: 1 });
    w.does({ type: 'guest.upcall', ...me });
    expect(shared(w, 1)).toMatchObject({ pending: [], masked: [] });
    w.refuses({ type: 'guest.upcall', ...me }, 'not enabled');
    w.refuses({ type: 'evtchn.set_priority', ...me, port: 1, priority: 1 }, 'ENOSYS');
  });

  test('wake a vCPU that is blocked, and one that polls a masked port', () => {
    const w = start();
    connect(w);
    w.does({ type: 'sched.block', ...me });
    expect(w.v(1, 0).pauseFlags).toBe(VPF.blocked);
    w.does({ type: 'evtchn.send', domid: 2, vcpu: 0, port: 1 });
    expect(w.v(1, 0).pauseFlags).toBe(0);
    w.does({ type: 'guest.upcall', ...me });
    w.does({ type: 'guest.mask', ...me, port: 1 });
    w.does({ type: 'sched.poll', domid: 1, vcpu: 1, ports: [1] });
    expect(w.v(1, 1)).toMatchObject({ pauseFlags: VPF.blocked, pollPorts: [1] });
    w.does({ type: 'evtchn.send', domid: 2, vcpu: 0, port: 1 });
    expect(w.v(1, 1)).toMatchObject({ pauseFlags: 0, pollPorts: [] });
  });

  test('sent to an unbound port are dropped; to a VIRQ refused', () => {
    const w = start();
    w.does({ type: 'evtchn.alloc_unbound', ...me, target: 1, remote: 2 });
    w.does({ type: 'evtchn.send', ...me, port: 1 });
    expect(shared(w, 1)?.pending).toEqual([]);
    w.does({ type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 });
    w.refuses({ type: 'evtchn.send', ...me, port: 2 }, 'EINVAL');
  });
});

describe('FIFO events', () => {
  test('the switch keeps what is pending and resets priorities (F6.8)', () => {
    const w = start();
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    w.does({ type: 'evtchn.send', ...me, port: 1 });
    const control = pageOf(w, 1, 20);
    w.does({ type: 'evtchn.init_control', ...me, target: 0, gfn: control, offset: 64 });
    expect(w.d(1).events).toMatchObject({ abi: 'fifo', fifoArray: [] });
    expect(w.d(1).events.channels[1]?.pendingBeyondArray).toBe(true);
    expect(w.host().xen.frames.generalCount[control]).toBe(3);
    w.refuses(
      { type: 'evtchn.init_control', ...me, target: 0, gfn: pageOf(w, 1, 22), offset: 0 },
      'EINVAL',
    );
    w.does({ type: 'evtchn.expand_array', ...me, gfn: pageOf(w, 1, 21) });
    expect(w.d(1).events.channels[1]?.pendingBeyondArray).toBe(false);
    expect(bit(wordOf(w, 1, 1), 31)).toBe(true);
  });

  test('queue in the order of sending, by priority; the guest takes the highest first', () => {
    const w = start();
    useFifo(w);
    for (let i = 0; i < 4; i++) w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    w.does({ type: 'evtchn.set_priority', ...me, port: 4, priority: 2 });
    w.refuses({ type: 'evtchn.set_priority', ...me, port: 4, priority: 16 }, 'EINVAL');
    w.does({ type: 'guest.mask', ...me, port: 2 });
    for (const port of [3, 1, 2, 4, 3]) w.does({ type: 'evtchn.send', ...me, port });
    const control = () => {
      const fifo = w.v(1, 0).fifo;
      const page = contentOf(w.host().hardware, fifo?.control.frame ?? 0, 'fifo-control');
      return page?.blocks[0];
    };
    expect(control()?.ready).toBe((1 << 7) | (1 << 2));
    expect([control()?.heads[7], control()?.heads[2]]).toEqual([3, 4]);
    expect([w.v(1, 0).fifo?.tails[7], w.v(1, 0).fifo?.tails[2]]).toEqual([1, 4]);
    // 3 links to 1, the masked 2 is pending and on no queue.
    expect(wordOf(w, 1, 3) & 0x1ffff).toBe(1);
    expect([bit(wordOf(w, 1, 2), 31), bit(wordOf(w, 1, 2), 29)]).toEqual([true, false]);
    w.does({ type: 'guest.upcall', ...me });
    for (const port of [1, 3, 4]) expect(wordOf(w, 1, port)).toBe(0);
    expect(control()?.ready).toBe(0);
    w.does({ type: 'evtchn.unmask', ...me, port: 2 });
    expect(control()).toMatchObject({ ready: 1 << 7 });
    expect(control()?.heads[7]).toBe(2);
  });

  test('a port that is still linked is not given away (F6.9)', () => {
    const w = start();
    useFifo(w);
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    w.does({ type: 'evtchn.send', ...me, port: 1 });
    w.does({ type: 'evtchn.close', ...me, port: 1 });
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    expect(Object.keys(w.d(1).events.channels)).toEqual(['2']);
    w.does({ type: 'guest.upcall', ...me });
    w.does({ type: 'evtchn.bind_ipi', ...me, target: 0 });
    expect(Object.keys(w.d(1).events.channels)).toEqual(['1', '2']);
  });
});
