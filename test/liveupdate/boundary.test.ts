/** What stands between a host and the save, asked directly (F9.9). */
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { queueRcu, queueTasklet, refuseMove, startDying } from '../../src/host/build/lifecycle.ts';
import { DOMCTL, EVTCHNOP, HYPERVISOR, IOREQ, VPF } from '../../src/host/constants.ts';
import { obstacles } from '../../src/liveupdate/boundary/index.ts';
import { standing } from '../support/standing.ts';
import { version } from '../support/updates.ts';

const at = version('4.17');
describe('a request that is answered, and not completed (F9.6)', () => {
  const answered = (draft: HostDraft): void => {
    addIoreqServer(draft, 1, { emulator: 2 });
    sendIoreq(draft, 1, 0, 0, IOREQ.RESP_READY);
  };

  test('is completed by its vCPU', () => {
    expect(standing('hvm', answered)).toMatchObject([
      { where: 'd1v0', progress: { type: 'vcpu.complete-io', domid: 1, vcpu: 0 } },
    ]);
  });

  test.each([
    ['by the tool stack', { controllerPauseCount: 1, pauseCount: 1 }],
    ['for a shutdown', { pausedForShutdown: true, pauseCount: 1 }],
  ])('is completed by nothing while that is paused %s', (_, pause) => {
    const [one, ...more] = standing('hvm', (draft) => {
      answered(draft);
      Object.assign(vcpuAt(domainAt(draft, 1), 0), pause);
    });
    expect(more).toEqual([]);
    expect(one).toMatchObject({ where: 'd1v0', progress: null });
    expect(one?.what).toContain('the vCPU is paused');
  });
});

test.each([
  ['finish', true],
  ['wait', true],
  ['shell', false],
  ['exact', false],
  ['drop', false],
] as const)('Q3 = %s: is a domain in destroydomain waited for: %s', (Q3, waited) => {
  const found = standing('pv', (draft) => startDying(draft, 1), { Q3 });
  expect(found.map((o) => o.progress?.type)).toEqual(waited ? ['domain.kill'] : []);
});

test('a cursor that the sub-op of its vCPU does not resume has nobody to go on (S14)', () => {
  const half = (rdi: number) => (draft: HostDraft) => {
    const { domain } = domainAt(draft, 1);
    domain.events.nextEvtchn = 3;
    Object.assign(vcpuAt(domainAt(draft, 1), 0).registers, {
      rax: HYPERVISOR.event_channel_op,
      rdi,
      rsi: 1,
      atHypercall: true,
    });
  };
  expect(standing('pv', half(EVTCHNOP.reset_cont)).map((o) => o.progress?.type)).toEqual([
    'evtchn.reset-continue',
  ]);
  expect(standing('pv', half(EVTCHNOP.reset))).toMatchObject([{ where: 'd1', progress: null }]);
});

describe('the sub-op that goes on with a reset (F3.8, F5.2, F5.7)', () => {
  const resetting = (rax: number, rdi: number) => (draft: HostDraft) => {
    domainAt(draft, 1).domain.events.nextEvtchn = 3;
    const registers = { rax, rdi, rsi: 1, atHypercall: true };
    Object.assign(vcpuAt(domainAt(draft, 1), 0).registers, registers);
  };

  test.each([
    [EVTCHNOP.reset_cont, HYPERVISOR.event_channel_op, 'EVTCHNOP_reset', 'F5.2', 'evtchn.reset'],
    [DOMCTL.soft_reset_cont, HYPERVISOR.domctl, 'a soft reset', 'F5.7', 'domctl.soft_reset'],
  ])('%i names the call and how it goes on', (rdi, rax, name, source, event) => {
    expect(standing('pv', resetting(rax, rdi))).toEqual([
      {
        where: 'd1v0',
        domid: 1,
        what: `preempted in ${name} of d1`,
        sources: ['Q4', source],
        progress: { type: `${event}-continue`, domid: 1, vcpu: 0, ports: null },
      },
    ]);
  });

  test('is nothing that a Xen without it could be told, where registers are carried (S15)', () => {
    const host = hostOf(['pv', 'pv'], resetting(HYPERVISOR.event_channel_op, EVTCHNOP.reset_cont));
    const stands = (to: string, Q4: 'exact' | 'restart') => {
      const design = { ...defaultDesign, policies: { ...defaultDesign.policies, Q4 } };
      return obstacles(host, { design, from: at, to: version(to) });
    };
    expect(stands('4.11', 'exact')).toEqual([
      {
        where: 'd1v0',
        domid: 1,
        what: 'preempted in EVTCHNOP_reset_cont, which Xen 4.11 does not have',
        sources: ['F3.8', 'S15'],
        progress: null,
      },
    ]);
    expect(stands('4.17', 'exact')).toEqual([]);
    expect(stands('4.11', 'restart')).toEqual([]);
  });
});

describe('an emulation that no slot shows (F9.5)', () => {
  test.each([
    ['a request sent', { io: { state: IOREQ.READY, completion: 'none', suspended: false } }],
    ['a completion due', { io: { state: IOREQ.NONE, completion: 'mmio', suspended: false } }],
    ['a shutdown deferred', { deferShutdown: true }],
  ])('%s waits for its vCPU', (_, change) => {
    const [one, ...more] = standing('hvm', (draft) => {
      addIoreqServer(draft, 1, { emulator: 2 });
      Object.assign(vcpuAt(domainAt(draft, 1), 0), change);
    });
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      where: 'd1v0',
      sources: ['R12', 'F9.5'],
      progress: { type: 'vcpu.complete-io', domid: 1, vcpu: 0 },
    });
  });

  test('and a server without a page keeps nobody waiting', () => {
    const found = standing('hvm', (draft) => {
      addIoreqServer(draft, 1, { emulator: 2 });
      Object.assign(domainAt(draft, 1).domain.ioreqServers[0] ?? {}, { ioreqPage: null });
    });
    expect(found).toEqual([]);
  });
});

describe('deferred work of the host (I3.1, F3.12, F3.17)', () => {
  const found = (change: (draft: HostDraft) => void, Q2: 'drain' | 'refuse' = 'drain') =>
    standing('pv', change, { Q2 });

  test('a tasklet that is queued, or that runs, is waited for; one that is neither is not', () => {
    const work = { work: 'notify', softirq: false } as const;
    const what = (more: object) => found((d) => void queueTasklet(d, { ...work, ...more }));
    expect(what({ scheduledOn: 1 })).toEqual([
      {
        where: 'host',
        domid: null,
        what: 'tasklet notify is queued on CPU 1',
        sources: ['R45', 'F3.12', 'F3.16'],
        progress: { type: 'tasklet.run', id: 0 },
      },
    ]);
    const idle = (running: boolean) =>
      found((d) => {
        queueTasklet(d, work);
        Object.assign(d.xen.system.tasklets[0] ?? {}, { scheduledOn: null, running });
      });
    expect(idle(true)).toMatchObject([{ what: 'tasklet notify is running' }]);
    expect(idle(false)).toEqual([]);
  });

  test('a hypercall in one is named by its vCPU; with Q2 = refuse nothing helps', () => {
    const call = (d: HostDraft) =>
      void queueTasklet(d, {
        work: 'continue_hypercall',
        softirq: false,
        vcpu: { domid: domainAt(d, 1).domain.domid, vcpu: vcpuAt(domainAt(d, 1), 0).id },
      });
    expect(found(call)).toMatchObject([
      { where: 'd1v0', domid: 1, progress: { type: 'tasklet.run', id: 0 } },
    ]);
    expect(found(call, 'refuse')).toMatchObject([{ where: 'd1v0', progress: null }]);
  });

  test('RCU callbacks are counted', () => {
    const two = (d: HostDraft) => {
      queueRcu(d, 'one');
      queueRcu(d, 'two');
    };
    expect(found(two)).toMatchObject([
      { what: '2 RCU callbacks wait', progress: { type: 'rcu.run' } },
    ]);
    const design = without(defaultDesign, 'F3.17.rcu');
    expect(obstacles(hostOf(['pv'], two), { design, from: at, to: at })).toEqual([]);
  });
});

describe('state that no record carries (Q7, F13.7)', () => {
  const odd = (draft: HostDraft) => {
    draft.xen.system.unsupported.push('a feature');
    domainAt(draft, 1).domain.unsupported.push('altp2m');
  };

  test('refuses, of a domain and of the host, unless the design makes it up', () => {
    expect(standing('pv', odd)).toEqual([
      {
        where: 'd1',
        domid: 1,
        what: 'uses altp2m, for which no record exists',
        sources: ['F13.7', 'Q7'],
        progress: null,
      },
      {
        where: 'host',
        domid: null,
        what: 'a feature is in use, for which no record exists',
        sources: ['F13.7', 'Q7'],
        progress: null,
      },
    ]);
    expect(standing('pv', odd, { Q7: 'fake' })).toEqual([]);
  });

  test('does not of a domain that is being destroyed: it ends with it', () => {
    const found = standing('pv', (draft) => {
      odd(draft);
      startDying(draft, 1);
    });
    expect(found.map((o) => o.where)).toEqual(['d1', 'host']);
    expect(found[0]?.progress).toEqual({ type: 'domain.kill', domid: 1 });
  });
});

test('a device model outside a PV domain refuses, where the design says so (Q13)', () => {
  const served = (emulator: number) => (draft: HostDraft) =>
    void addIoreqServer(draft, 1, { emulator });
  const where = (emulator: number, Q13: 'refused' | 'late') =>
    obstacles(hostOf(['hvm', 'hvm'], served(emulator)), {
      design: { ...defaultDesign, policies: { ...defaultDesign.policies, Q13 } },
      from: at,
      to: at,
    });
  expect(where(2, 'refused')).toEqual([
    {
      where: 'd1',
      domid: 1,
      what: 'server 0 is emulated by d2, which is no PV domain',
      sources: ['Q13', 'A1'],
      progress: null,
    },
  ]);
  expect(where(0, 'refused')).toEqual([]);
  expect(where(2, 'late')).toEqual([]);
});

test('a domain that lacks only its move to cpupool0 is carried, not waited for (F4.4)', () => {
  const stuck = (draft: HostDraft) => {
    startDying(draft, 1, 'done');
    refuseMove(draft, 1);
  };
  expect(standing('pv', stuck)).toEqual([]);
  expect(standing('pv', stuck, { Q3: 'wait' })).toHaveLength(1);
  const design = without(defaultDesign, 'F4.4.cpupool');
  expect(obstacles(hostOf(['pv'], stuck), { design, from: at, to: at })).toHaveLength(1);
});

test.each([
  ['on a wait queue', { onWaitQueue: true }],
  ['paging', { pauseFlags: VPF.mem_paging }],
  ['access', { pauseFlags: VPF.mem_access }],
  ['sharing', { pauseFlags: VPF.mem_sharing }],
])('a vCPU that a monitor holds (%s) has a stack that cannot be saved (F3.18)', (_, change) => {
  const held = (draft: HostDraft) => void Object.assign(vcpuAt(domainAt(draft, 1), 0), change);
  expect(standing('hvm', held)).toMatchObject([{ where: 'd1v0', progress: null }]);
  const blocked = (draft: HostDraft) =>
    void Object.assign(vcpuAt(domainAt(draft, 1), 0), { pauseFlags: VPF.blocked });
  expect(standing('hvm', blocked)).toEqual([]);
});
