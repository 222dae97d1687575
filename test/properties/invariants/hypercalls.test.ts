/** I3.1 and I3.2: hypercalls that an update interrupts. */
import { describe, expect, test } from 'vitest';
import { describeOutcome, reentry, sameOutcome } from '../../../properties/support/reentry.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { DOMCTL, EVTCHNOP, HYPERVISOR } from '../../../src/host/constants.ts';
import type { Host } from '../../../src/host/host.ts';
import { domid } from '../../../src/host/ids.ts';
import type { Tasklet } from '../../../src/host/system.ts';
import { version } from '../../support/updates.ts';
import {
  domainOf,
  evidence,
  type LooseHost,
  ofEvidence,
  ofSaved,
  parked,
  spoilt,
  updated,
  V417,
  vcpuOf,
} from '../support/evidence.ts';

const tasklet = (work: Tasklet['work'], softirq = false): Tasklet => ({
  id: 0,
  work,
  vcpu: { domid: domid(0), vcpu: 1 },
  scheduledOn: 3,
  running: false,
  softirq,
  result: 0,
});

describe('I3.1', () => {
  test('a queued tasklet of a hypercall', async () => {
    const host = spoilt((h) => {
      h.xen.system.tasklets.push({ ...tasklet('continue_hypercall'), vcpu: null });
    });
    expect(await ofSaved('I3.1', host)).toEqual([
      'host: tasklet 0 (continue_hypercall) is queued on CPU 3',
    ]);
  });

  test('the one of the update, softirqs, and those that are not scheduled are fine', async () => {
    const host = spoilt((h) => {
      h.xen.system.tasklets.push(tasklet('assert_evtchn_irq', true) as never);
      h.xen.system.tasklets.push({ ...tasklet('notify'), scheduledOn: null } as never);
      h.xen.system.tasklets.push(tasklet('live_update') as never);
      vcpuOf(h, 0, 1).pauseCount = 1;
    });
    expect(await ofSaved('I3.1', host)).toEqual([]);
  });

  test('a vCPU that nothing will ever unpause', async () => {
    const host = spoilt((h) => {
      vcpuOf(h, 0, 1).pauseCount = 1;
    });
    expect(await ofSaved('I3.1', host)).toEqual(['d0v1: paused 1 times with nobody to unpause it']);
  });
});

type Call = { rax: number; rdi?: number; rsi?: number; r10?: number };

/** d0v0 stands at a hypercall. */
const at = (call: Call, spoil: (h: LooseHost) => void = () => undefined): Host =>
  spoilt((h) => {
    Object.assign(vcpuOf(h, 0, 0).registers, call, { atHypercall: true });
    spoil(h);
  });
const RESET = { rax: HYPERVISOR.event_channel_op, rsi: 2 };
const resetCont = (cursor: number): Host =>
  at({ ...RESET, rdi: EVTCHNOP.reset_cont }, (h) => {
    domainOf(h, 2).events.nextEvtchn = cursor;
  });
const closed = (host: Host): Host =>
  spoilt((h) => {
    domainOf(h, 2).events.channels = {};
  }, host);

const outcome = (host: Host, v = V417, tools = V417): string =>
  describeOutcome(reentry({ host, version: v, tools }, 0, 0));

describe('re-entry', () => {
  test.each([
    // F5.6 (a) to (d): what is carried of a reset decides what the guest gets.
    [
      '(a) cursor and sub-op',
      resetCont(65),
      'continues the reset of d2 at port 65, with ports open below',
    ],
    ['(b) sub-op without cursor', resetCont(0), '-EBUSY'],
    [
      '(c) a fresh reset',
      at({ ...RESET, rdi: EVTCHNOP.reset }),
      'resets the ports of d2 from the start',
    ],
    [
      '(d) cursor with a fresh reset',
      at({ ...RESET, rdi: EVTCHNOP.reset }, (h) => {
        domainOf(h, 2).events.nextEvtchn = 65;
      }),
      '-EBUSY',
    ],
    [
      'of a domain that its controller does not pause',
      at({ ...RESET, rdi: EVTCHNOP.reset, rsi: 1 }),
      '-EINVAL',
    ],
  ])('EVTCHNOP_reset: %s', (_name, host, expected) => {
    expect(outcome(host)).toBe(expected);
  });

  test('F3.8: a Xen without sub-op 14', () => {
    expect(outcome(resetCont(65), version('4.14'))).toBe('-ENOSYS');
  });

  test('F3.9: another interface version', () => {
    const domctl = at({ rax: HYPERVISOR.domctl, rdi: DOMCTL.pausedomain, rsi: 1 });
    const sysctl = at({ rax: HYPERVISOR.sysctl });
    expect(outcome(domctl, version('4.15'), version('4.14'))).toBe('-EACCES');
    expect(outcome(sysctl, version('4.15'), version('4.11'))).toBe('-EACCES');
    // The sysctl interface is the same in 4.14 and 4.15.
    expect(outcome(sysctl, version('4.15'), version('4.14'))).toMatch(/^continues hypercall 35/);
    expect(outcome(domctl)).toBe('continues domctl 3 of d1 from its start');
  });

  test('F4.1: destroydomain of a domain that lives, is dead, is gone', () => {
    const kill = (rsi: number) =>
      outcome(at({ rax: HYPERVISOR.domctl, rdi: DOMCTL.destroydomain, rsi }));
    expect([kill(1), kill(4), kill(9)]).toEqual([
      'continues destroydomain of d1',
      'returns 0x0',
      '-ESRCH',
    ]);
  });

  test('F3.11: a log-dirty operation, whose caller must be the same', () => {
    const paging = (caller: number | null): string =>
      outcome(
        at({ rax: HYPERVISOR.paging_domctl_cont, rdi: DOMCTL.shadow_op, rsi: 3 }, (h) => {
          domainOf(h, 3).pagingPreempt =
            caller === null ? null : { caller: domid(caller), op: 'clean', done: 7 };
        }),
      );
    expect(paging(0)).toBe('continues log-dirty clean of d3 after 7');
    expect([paging(1), paging(null)]).toEqual(['-EBUSY', '-EBUSY']);
  });

  test('F3.5: only an old table left, with or without Xen knowing it', () => {
    expect(outcome(at({ rax: HYPERVISOR.mmuext_op, rdi: 0, rsi: 2 ** 31, r10: 5 }))).toBe(
      'returns 0x5',
    );
    expect(outcome(at({ rax: HYPERVISOR.mmuext_op, rdi: 64, rsi: 2 }))).toMatch(/^continues MM/);
  });

  test('F5.4: going on and starting again differ only if a port below is open', () => {
    const situation = (host: Host) => reentry({ host, version: V417, tools: V417 }, 0, 0);
    const again = at({ ...RESET, rdi: EVTCHNOP.reset });
    expect(sameOutcome(situation(resetCont(65)), situation(again))).toBe(false);
    expect(sameOutcome(situation(closed(resetCont(65))), situation(closed(again)))).toBe(true);
  });
});

describe('I3.2', () => {
  const update = (before: Host, spoil: (h: LooseHost) => void, to = V417) =>
    ofEvidence('I3.2', evidence(before, updated(before, spoil), { saved: parked(before), to }));

  test('a cursor that is lost', async () => {
    expect(
      await update(resetCont(65), (h) => {
        domainOf(h, 2).events.nextEvtchn = 0;
      }),
    ).toEqual([
      'd0v0: without the update continues the reset of d2 at port 65, with ports open below, ' +
        'with it -EBUSY',
    ]);
  });

  test('nothing of a dying domain, whose vCPUs never run again', async () => {
    const before = spoilt((h) => {
      domainOf(h, 0).dying = 'dying';
    }, resetCont(65));
    const lose = (h: LooseHost): void => {
      domainOf(h, 2).events.nextEvtchn = 0;
    };
    expect(await update(before, lose)).toEqual([]);
  });

  test('a restart in place of a continuation, where nobody can tell', async () => {
    const restart = (h: LooseHost) => {
      domainOf(h, 2).events.nextEvtchn = 0;
      vcpuOf(h, 0, 0).registers.rdi = EVTCHNOP.reset;
    };
    expect(await update(closed(resetCont(65)), restart)).toEqual([]);
    expect(await update(resetCont(65), restart)).toHaveLength(1);
  });

  test('registers of a continuation that changed', async () => {
    const before = at({ rax: HYPERVISOR.memory_op, rdi: 64 });
    expect(
      await update(before, (h) => {
        vcpuOf(h, 0, 0).registers.rdi = 0;
      }),
    ).toEqual([
      'd0v0: without the update continues hypercall 12 with (64, 0, 0, 0, 0), ' +
        'with it continues hypercall 12 with (0, 0, 0, 0, 0)',
    ]);
    expect(await update(before, () => undefined)).toEqual([]);
  });

  test('S18: a domctl under way to another interface version', async () => {
    const before = at({ rax: HYPERVISOR.domctl, rdi: DOMCTL.pausedomain, rsi: 1 });
    expect(await update(before, () => undefined, version('4.20'))).toEqual([
      'd0v0: without the update continues domctl 3 of d1 from its start, with it -EACCES',
    ]);
  });

  test('a vCPU at no hypercall is not its business', async () => {
    expect(
      await update(mixedHost(), (h) => {
        vcpuOf(h, 1, 0).registers.rax = 9;
      }),
    ).toEqual([]);
  });
});
