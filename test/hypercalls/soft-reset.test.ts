/** XEN_DOMCTL_soft_reset: the other hypercall that drives a reset of event channels (F5.7). */
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { bindUnbound } from '../../src/host/build/events.ts';
import { useFifo } from '../../src/host/build/fifo.ts';
import { finish } from '../../src/host/build/finish.ts';
import { pauseByController, shutDown } from '../../src/host/build/lifecycle.ts';
import { DOMCTL, HYPERVISOR, SHUTDOWN, SHUTDOWN_CODE_INVALID } from '../../src/host/constants.ts';
import { ran, updated } from '../support/updates.ts';
import { type World, world, xen } from './world.ts';

/** dom0 and a PVH guest with three ports that has shut down for a soft reset. */
const guestDown = (change: (draft: HostDraft) => void = () => undefined, version = '4.17') => {
  const draft = buildHost({ version });
  addDomain(draft, { type: 'pv', pages: 24, vcpus: 2 });
  addDomain(draft, { type: 'pvh', pages: 24, vcpus: 2 });
  for (let i = 0; i < 3; i++) bindUnbound(draft, 1, 0);
  useFifo(draft, 1);
  shutDown(draft, 1, 'complete', SHUTDOWN.soft_reset);
  pauseByController(draft, 1);
  change(draft);
  return finish(draft);
};
const start = (change?: (draft: HostDraft) => void, version = '4.17'): World =>
  world(guestDown(change, version), xen(version));

const ask = { type: 'domctl.soft_reset', caller: 0, vcpu: 0, domid: 1, ports: null } as const;
const goOn = { type: 'domctl.soft_reset-continue', domid: 0, vcpu: 0, ports: null } as const;
const open = { type: 'evtchn.alloc_unbound', domid: 0, vcpu: 1, target: 1, remote: 0 } as const;
const ERESULT = { EAGAIN: 0xffff_fff5, EBUSY: 0xffff_fff0, ENOSYS: 0xffff_ffda } as const;

const isAnew = (w: World): void => {
  expect(w.d(1)).toMatchObject({
    shutdown: { state: 'none', code: SHUTDOWN_CODE_INVALID },
    events: { abi: '2l', channels: {}, nextEvtchn: 0 },
  });
  for (const v of w.d(1).vcpus) expect(v).toMatchObject({ pausedForShutdown: false, fifo: null });
};

describe('domctl.soft_reset', () => {
  test('closes the ports, goes back to 2-level, and resumes the domain', () => {
    const w = start();
    w.does(ask);
    isAnew(w);
  });

  test('goes on where it was preempted, with its own sub-op and the common cursor', () => {
    const w = start();
    w.does({ ...ask, ports: 1 });
    expect(w.v(0, 0).registers).toMatchObject({
      rax: HYPERVISOR.domctl,
      rdi: DOMCTL.soft_reset_cont,
      rsi: 1,
      atHypercall: true,
    });
    expect(w.d(1).events.nextEvtchn).toBe(1);
    w.refuses({ ...ask, vcpu: 1 }, 'EBUSY');
    w.refuses({ type: 'evtchn.reset', domid: 0, vcpu: 1, target: 1, ports: null }, 'EBUSY');
    w.does({ ...goOn, ports: 1 });
    expect(w.d(1).events.nextEvtchn).toBe(2);
    w.does(goOn);
    isAnew(w);
    expect(w.v(0, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
    w.refuses(goOn, 'not enabled');
  });

  test('ends with -EAGAIN if a port was opened below the cursor, and resumes nothing', () => {
    const w = start();
    w.does({ ...ask, ports: 2 });
    w.does(open);
    w.does({ type: 'hypercall.finish', domid: 0, vcpu: 0 });
    expect(w.v(0, 0).registers.rax).toBe(ERESULT.EAGAIN);
    expect(w.d(1)).toMatchObject({
      shutdown: { state: 'complete' },
      events: { abi: 'fifo', nextEvtchn: 0, activeChannels: 1 },
    });
  });

  test('is for domains that have shut down, are translated, paused and not the caller', () => {
    const running = start((draft) => {
      vcpuAt(domainAt(draft, 1), 1).pausedForShutdown = false;
    });
    running.refuses(ask, 'EINVAL');
    const unpaused = start((draft) => {
      domainAt(draft, 1).domain.controllerPauseCount = 0;
    });
    unpaused.refuses(ask, 'EINVAL');
    const w = start();
    w.refuses({ ...ask, domid: 0 }, 'EINVAL');
    w.refuses({ ...ask, domid: 9 }, 'ESRCH');
  });

  test('a resume that finds no cursor is -EBUSY; a Xen before XSA-344 has no such sub-op', () => {
    const at = (draft: HostDraft): void => {
      Object.assign(vcpuAt(domainAt(draft, 0), 0).registers, {
        rax: HYPERVISOR.domctl,
        rdi: DOMCTL.soft_reset_cont,
        rsi: 1,
        atHypercall: true,
      });
    };
    const lost = start(at);
    lost.does(goOn);
    expect(lost.v(0, 0).registers.rax).toBe(ERESULT.EBUSY);
    const old = start(at, '4.11');
    old.does(goOn);
    expect(old.v(0, 0).registers.rax).toBe(ERESULT.ENOSYS);
  });
});

describe('an update', () => {
  const half = () => {
    const w = start();
    w.does({ ...ask, ports: 1 });
    return w.host();
  };

  test('lets the caller finish it first (Q4)', () => {
    const { outcome, steps } = ran(half());
    expect(outcome.kind).toBe('resumed');
    expect(steps.map((s) => s.event)).toContainEqual(goOn);
    const after = updated(half());
    expect(after.xen.domains[1]).toMatchObject({ shutdown: { state: 'none' } });
  });

  test('is refused where nobody will go on with it', () => {
    const stuck = guestDown((draft) => {
      domainAt(draft, 1).domain.events.nextEvtchn = 2 as never;
    });
    const { outcome } = ran(stuck);
    expect(outcome).toMatchObject({
      kind: 'refused',
      reasons: [expect.stringContaining('port 2')],
    });
  });

  test('carries the cursor and the sub-op where the design says so', () => {
    const design = {
      ...defaultDesign,
      policies: { ...defaultDesign.policies, Q4: 'exact' },
    } as const;
    const exact = updated(half(), { design });
    expect(exact.xen.domains[1]?.events.nextEvtchn).toBe(1);
    expect(exact.xen.domains[0]?.vcpus[0]?.registers.rdi).toBe(DOMCTL.soft_reset_cont);
    const w = world(exact);
    w.does(goOn);
    isAnew(w);
    const again = { ...design, policies: { ...design.policies, Q4: 'restart' } } as const;
    const anew = updated(half(), { design: again });
    expect(anew.xen.domains[0]?.vcpus[0]?.registers.rdi).toBe(DOMCTL.soft_reset);
  });
});
