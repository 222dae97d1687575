/** VER-1 and PNR-2: the update as a whole. */
import { describe, expect, test } from 'vitest';
import { type Design, defaultDesign } from '../../../src/design/design.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { EVTCHNOP, HYPERVISOR } from '../../../src/host/constants.ts';
import { domid } from '../../../src/host/ids.ts';
import {
  domainOf,
  evidence,
  type LooseHost,
  ofEvidence,
  ofUpdate,
  spoilt,
  updated,
  vcpuOf,
} from '../support/evidence.ts';

describe('VER-1', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'a register',
      (h) => {
        vcpuOf(h, 1, 0).registers.rax = 9;
      },
      'd1v0 registers.rax: 0 -> 9',
    ],
    [
      'a timer',
      (h) => {
        vcpuOf(h, 1, 0).timers.singleshot = null;
      },
      /^d1v0 timers.singleshot: \{"timeout":\d+\} -> null$/.source,
    ],
    [
      'where a structure is',
      (h) => {
        vcpuOf(h, 0, 1).vcpuInfo = null;
      },
      '^d0v1 vcpuInfo: .* -> null$',
    ],
    [
      'a right to an interrupt',
      (h) => {
        domainOf(h, 0).irqs = [];
      },
      '^d0 irqs.0: \\[16,16\\] -> nothing$',
    ],
    [
      'the last queue of a port',
      (h) => {
        const c = domainOf(h, 0).events.channels[5];
        if (c !== undefined) c.lastQueue.vcpu = 1;
      },
      'd0 port 5 lastQueue.vcpu: 0 -> 1',
    ],
    [
      'a VIRQ handler',
      (h) => {
        h.xen.system.virqHandlers = {};
      },
      'xen.system.virqHandlers.8: 0 -> nothing',
    ],
  ])('%s', async (_name, spoil, finding) => {
    const [only, ...others] = await ofUpdate('VER-1', spoil);
    expect(only).toMatch(new RegExp(finding));
    expect(others).toEqual([]);
  });

  test("the update's own pauses, and an update without a fault, are no difference", async () => {
    expect(await ofUpdate('VER-1', () => undefined)).toEqual([]);
  });

  test('a reset under way is left to I3.2', async () => {
    const before = spoilt((h) => {
      domainOf(h, 2).events.nextEvtchn = 65;
      const call = { rax: HYPERVISOR.event_channel_op, rdi: EVTCHNOP.reset_cont, rsi: 2 };
      Object.assign(vcpuOf(h, 0, 0).registers, call, { atHypercall: true });
    });
    const findings = await ofUpdate(
      'VER-1',
      (h) => {
        domainOf(h, 2).events.nextEvtchn = 0;
        vcpuOf(h, 0, 0).registers.rdi = EVTCHNOP.reset;
      },
      before,
    );
    expect(findings).toEqual([]);
  });
});

describe('PNR-2', () => {
  const before = mixedHost();

  test('a domain that did not arrive, one that nobody sent', async () => {
    expect(
      await ofUpdate('PNR-2', (h) => {
        delete h.xen.domains[4];
        h.xen.domains[9] = { ...domainOf(h, 1), domid: domid(9) };
      }),
    ).toEqual(['d4: is not on xen#2', 'd9: was on no Xen before']);
  });

  test('an update after which xen#1 still runs', async () => {
    expect(await ofEvidence('PNR-2', evidence(before, before))).toHaveLength(5);
  });

  test('a crash takes every domain', async () => {
    const crashed = evidence(before, updated(before), { outcome: 'crashed' });
    expect(await ofEvidence('PNR-2', crashed)).toEqual(
      [0, 1, 2, 3, 4].map((id) => `d${id}: lost: xen#2 stopped the machine`),
    );
  });

  test('a crash is declared where xen#1 was wrong, and Q8 says so', async () => {
    const saved = spoilt((h) => {
      domainOf(h, 1).refcnt++;
    });
    const lostUnder = async (design: Design, host = saved) => {
      const crashed = { outcome: 'crashed', saved: host, design } as const;
      return (await ofEvidence('PNR-2', evidence(host, updated(host), crashed))).length;
    };
    const crashing = {
      ...defaultDesign,
      policies: { ...defaultDesign.policies, Q8: 'crash' as const },
    };
    expect(await lostUnder(crashing)).toBe(0);
    expect(await lostUnder(crashing, before)).toBe(5);
    expect(await lostUnder(defaultDesign)).toBe(5);
    expect(await lostUnder({ ...crashing, dropped: ['R44'] })).toBe(5);
  });
});
