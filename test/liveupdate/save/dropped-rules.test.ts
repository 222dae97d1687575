/** What the save does without each rule that governs it, and under each answer to Q4 and Q5. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type Design, defaultDesign, without } from '../../../src/design/design.ts';
import type { Policies } from '../../../src/design/policies.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../../src/host/build/draft.ts';
import { finish } from '../../../src/host/build/finish.ts';
import {
  pauseBy,
  pauseByController,
  pauseVcpu,
  queueTasklet,
  shutDown,
  startDying,
} from '../../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../../src/host/build/mixed-host.ts';
import { addXenShare, loadKexec } from '../../../src/host/build/system.ts';
import { numericKeys } from '../../../src/host/codec.ts';
import { EVTCHNOP, HYPERVISOR, SHUTDOWN } from '../../../src/host/constants.ts';
import type { Host } from '../../../src/host/host.ts';
import { domid } from '../../../src/host/ids.ts';
import { domidsToSave } from '../../../src/liveupdate/save/index.ts';
import { domainOf, globalsOf, saved, streamOf } from './saving.ts';

/** The mixed host, changed before its counts are derived. */
const mixed = (change: (draft: HostDraft) => void): Host => {
  const draft = mixedDraft();
  change(draft);
  return finish(draft);
};
const answering = (answers: Partial<Policies>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...answers },
});
const DEAD = 4;
const PVH = 2;

describe('R16: system-wide state', () => {
  const host = mixed((d) => {
    loadKexec(d, 'crash', { commandLine: 'irqpoll' });
    addXenShare(d, 2, 'vmcoreinfo');
  });
  test('is in the stream', () => {
    const g = globalsOf(host);
    expect(g.SYSTEM_TIME).toEqual({ now: host.xen.now, platformTime: host.hardware.platformTime });
    expect(g.VIRQ_HANDLERS?.handlers).toEqual([{ virq: 8, domid: 0 }]);
    expect([...(g.TRACE_BUFFERS?.frames ?? [])]).toEqual(host.xen.system.traceBuffers);
    expect(g.KEXEC_CRASH).toEqual({ commandLine: 'irqpoll', build: null });
    expect(g.DOMXEN_SHARES?.shares).toEqual(host.xen.system.domXenShares);
    expect(g.DOMXEN_SHARES?.shares).toHaveLength(1);
    expect(g.IOMMU?.root).toBe(host.hardware.iommuRoot);
    expect([...(g.IOMMU?.tables ?? [])]).toEqual(host.xen.system.iommuFrames);
    expect(g.M2P.frames).toEqual(host.hardware.m2p.frames);
    const frametable = host.xen.private.filter((p) => p.use === 'frametable');
    expect(g.REGIONS.reusable).toEqual(frametable.map((p) => p.frames));
  });
  test('is forgotten without the rule; M2P, IOMMU and regions are not', () => {
    const g = globalsOf(host, without(defaultDesign, 'R16'));
    expect(Object.keys(g)).toEqual(['LU_VERSION', 'REGIONS', 'M2P', 'IOMMU']);
  });
});

describe('R8: dying domains', () => {
  test('are saved', () => {
    expect(numericKeys(streamOf(mixedHost()).domains)).toEqual([0, 1, 2, 3, DEAD]);
  });
  test('are left out without the rule', () => {
    const design = without(defaultDesign, 'R8');
    expect(domidsToSave(mixedHost(), design)).toEqual([0, 1, 2, 3]);
    expect(numericKeys(streamOf(mixedHost(), design).domains)).toEqual([0, 1, 2, 3]);
  });
});

describe('F10.9.dying: a dying domain', () => {
  const host = mixed((d) => startDying(d, PVH));
  test('has its own record', () => {
    expect(domainOf(host, PVH).DOMAIN_STATE.dying).toBe('dying');
  });
  test('makes the whole save fail without the rule', () => {
    const found = saved(host, without(defaultDesign, 'F10.9.dying'));
    expect(isLeft(found) && found.left).toMatchObject({ domid: PVH, sources: ['F10.9', 'S61'] });
  });
  test('does not when it is PV, which never goes through hvm_save', () => {
    expect(isLeft(saved(mixedHost(), without(defaultDesign, 'F10.9.dying')))).toBe(false);
  });
});

describe('I2.1.pauses', () => {
  const host = mixed((d) => {
    pauseByController(d, 1, 2);
    pauseBy(d, 1, 'lu');
    pauseBy(d, 1, 'vm_event');
    pauseVcpu(d, 1, 0, 3);
    vcpuAt(domainAt(d, 1), 0).pauseCount += 1;
  });
  test('the lasting ones are saved, by holder', () => {
    const d1 = domainOf(host, 1);
    expect(d1.DOMAIN_STATE).toMatchObject({ controllerPauseCount: 2, vmEventPauses: 1 });
    expect(d1.VCPU[0]?.controllerPauseCount).toBe(3);
  });
  test('without the rule the sum is saved as the tool stack', () => {
    const d1 = domainOf(host, 1, without(defaultDesign, 'I2.1.pauses'));
    expect(d1.DOMAIN_STATE).toMatchObject({ controllerPauseCount: 4, vmEventPauses: 0 });
    expect(d1.VCPU[0]?.controllerPauseCount).toBe(4);
    const dead = domainOf(mixedHost(), DEAD, without(defaultDesign, 'I2.1.pauses'));
    expect(dead.DOMAIN_STATE.controllerPauseCount).toBe(1);
    expect(domainOf(mixedHost(), DEAD).DOMAIN_STATE.controllerPauseCount).toBe(0);
  });
});

describe('F2.26.code: a domain that has shut down', () => {
  const host = mixed((d) => shutDown(d, PVH, 'complete', SHUTDOWN.poweroff));
  test('stays so', () => {
    const d = domainOf(host, PVH);
    expect(d.DOMAIN_STATE).toMatchObject({ shutdown: 'complete', shutdownCode: 0 });
    expect(d.VCPU.map((v) => v.pausedForShutdown)).toEqual([true]);
  });
  test('is resumed without the rule', () => {
    const d = domainOf(host, PVH, without(defaultDesign, 'F2.26.code'));
    expect(d.DOMAIN_STATE).toMatchObject({ shutdown: 'none', shutdownCode: null });
    expect(d.VCPU.map((v) => v.pausedForShutdown)).toEqual([false]);
  });
  test('a code stored in advance is kept, and none is none', () => {
    expect(domainOf(host, 1).DOMAIN_STATE).toMatchObject({
      shutdown: 'none',
      shutdownCode: SHUTDOWN.crash,
    });
    expect(domainOf(host, 0).DOMAIN_STATE.shutdownCode).toBeNull();
  });
});

describe('R45 and F3.12.caller: hypercalls that wait in a tasklet', () => {
  const waiting = (work: 'continue_hypercall' | 'live_update'): Host =>
    mixed((d) => {
      queueTasklet(d, { work, softirq: false, vcpu: { domid: domid(0), vcpu: 1 }, scheduledOn: 1 });
    });
  test('leave the pause of their caller behind when nothing completes them', () => {
    const pauses = (host: Host, design: Design) =>
      domainOf(host, 0, design).VCPU.map((v) => v.controllerPauseCount);
    const sysctl = waiting('continue_hypercall');
    expect(pauses(sysctl, defaultDesign)).toEqual([0, 0]);
    expect(pauses(sysctl, without(defaultDesign, 'R45'))).toEqual([0, 1]);
    expect(pauses(sysctl, without(defaultDesign, 'F3.12.caller'))).toEqual([0, 0]);
    const update = waiting('live_update');
    expect(pauses(update, without(defaultDesign, 'R45'))).toEqual([0, 0]);
    expect(pauses(update, without(defaultDesign, 'F3.12.caller'))).toEqual([0, 1]);
  });
});

describe('F6.6.tails', () => {
  test('tails and last queues are saved', () => {
    const { tails, last } = domainOf(mixedHost(), PVH).EVTCHN_QUEUES ?? {};
    const v = mixedHost().xen.domains[PVH]?.vcpus[0];
    expect(tails).toEqual([{ vcpu: 0, tails: v?.fifo?.tails }]);
    expect(v?.fifo?.tails.some((t) => t !== 0)).toBe(true);
    expect(last?.port.length).toBeGreaterThan(1);
    const channels = mixedHost().xen.domains[PVH]?.events.channels ?? {};
    last?.port.forEach((p, i) => {
      expect(channels[p]?.lastQueue).toEqual({ vcpu: last.vcpu[i], priority: last.priority[i] });
    });
  });
  test('without the rule every queue looks empty', () => {
    const design = without(defaultDesign, 'F6.6.tails');
    const { tails, last } = domainOf(mixedHost(), PVH, design).EVTCHN_QUEUES ?? {};
    expect(tails?.[0]?.tails).toHaveLength(16);
    expect(tails?.[0]?.tails.every((t) => t === 0)).toBe(true);
    expect(last?.port).toHaveLength(0);
  });
});

describe('F7.4.handles', () => {
  const host = (): Host =>
    mixed((d) => {
      // The first two handles were unmapped again.
      const { grants } = domainAt(d, 0).domain;
      for (const h of [0, 1]) {
        const { granter, ref } = grants.maptrack[h] ?? { granter: -1, ref: -1 };
        const { active } = domainAt(d, granter).domain.grants;
        delete active[ref];
        delete grants.maptrack[h];
        grants.maptrackFree[0]?.unshift(h);
      }
    });
  test('handles keep their numbers', () => {
    const { grants } = host().xen.domains[0] ?? {};
    const { entries, limit, free } = domainOf(host(), 0).MAPTRACK;
    expect(entries.map((e) => e.handle)).toEqual(numericKeys(grants?.maptrack ?? {}));
    expect(entries[0]?.handle).toBe(2);
    expect(limit).toBe(grants?.maptrackLimit);
    expect(free.map((f) => [...f])).toEqual(grants?.maptrackFree);
  });
  test('without the rule they are numbered anew', () => {
    const { entries, limit, free } = domainOf(
      host(),
      0,
      without(defaultDesign, 'F7.4.handles'),
    ).MAPTRACK;
    const kept = domainOf(host(), 0).MAPTRACK.entries;
    expect(entries.map((e) => e.handle)).toEqual(kept.map((_, i) => i));
    expect(entries.map((e) => e.ref)).toEqual(kept.map((e) => e.ref));
    expect(free.flatMap((f) => [...f])).toHaveLength(limit - entries.length);
  });
});

describe('F7.3.frame', () => {
  /** Each granter has changed its shared entries since they were pinned. */
  const host = mixed((d) => {
    for (const id of [1, PVH]) {
      const { grants, p2m } = domainAt(d, id).domain;
      for (const frame of grants.frames) {
        const content = d.hardware.content[frame];
        if (content?.kind !== 'grant-v1' && content?.kind !== 'grant-v2') continue;
        const other = p2m === null ? domainAt(d, id).pages[5] : 5;
        const entries = Object.fromEntries(
          Object.entries(content.entries).map(([slot, e]) => [slot, { ...e, frame: other }]),
        );
        d.hardware.content[frame] = { ...content, entries } as typeof content;
      }
    }
  });
  const frames = (id: number, design?: Design) =>
    domainOf(host, id, design).GRANT_TABLE.active.map((a) => a.frame);

  test.each([1, PVH])('d%i: the frame of the first pin is saved', (id) => {
    const active = Object.values(host.xen.domains[id]?.grants.active ?? {});
    expect(active.length).toBeGreaterThan(0);
    expect(frames(id)).toEqual(active.map((a) => a.frame));
  });
  test.each([1, PVH])('d%i: without the rule, what the shared entry says by now', (id) => {
    const found = frames(id, without(defaultDesign, 'F7.3.frame'));
    expect(found).not.toEqual(frames(id));
    // gfn 5 of the translated granter is its sixth page, as frame 5 of the PV one.
    const owners = found.map((f) => host.xen.frames.owner[f]);
    expect(new Set(owners)).toEqual(new Set([id]));
    expect(new Set(found).size).toBe(1);
  });
});

describe('F10.12.timers', () => {
  test('armed timers are saved, and only they', () => {
    const found = domainOf(mixedHost(), 1).VCPU_TIMERS;
    const timeout = mixedHost().xen.now + 5_000_000;
    expect(found).toEqual([{ vcpu: 0, singleshot: { timeout }, periodic: null }]);
    expect(domainOf(mixedHost(), 0).VCPU_TIMERS).toEqual([]);
  });
  test('are lost without the rule', () => {
    expect(domainOf(mixedHost(), 1, without(defaultDesign, 'F10.12.timers')).VCPU_TIMERS).toEqual(
      [],
    );
  });
});

describe('R20: reference counts', () => {
  test('are in no stream', () => {
    for (const d of Object.values(streamOf(mixedHost()).domains))
      expect(d.PAGE_COUNTS).toBeUndefined();
  });
  test('are copied without the rule, for each page of the domain', () => {
    const host = mixedHost();
    const { frames } = host.xen;
    const { runs } = domainOf(host, 1, without(defaultDesign, 'R20')).PAGE_COUNTS ?? {};
    if (runs === undefined) throw new Error('no counts');
    const counts: number[][] = [];
    for (let i = 0; i < runs.start.length; i++)
      for (let k = 0; k < (runs.count[i] as number); k++)
        counts.push([
          (runs.start[i] as number) + k,
          runs.general[i] as number,
          runs.typeCount[i] as number,
          runs.type[i] as number,
        ]);
    const expected: number[][] = [];
    for (let f = 0; f < frames.owner.length; f++)
      if (frames.owner[f] === 1)
        expected.push([
          f,
          frames.generalCount[f] as number,
          frames.typeCount[f] as number,
          (frames.flags[f] as number) & 7,
        ]);
    expect(counts).toEqual(expected);
    expect(expected.length).toBeGreaterThan(60);
    expect(runs.start.length).toBeLessThan(expected.length);
  });
});

describe('Q4: a reset of event channels half done', () => {
  const host = mixed((d) => {
    domainAt(d, 1).domain.events.nextEvtchn = 64;
    // dom0 resets d1: the cursor is in one domain, the call in another (F5.8).
    Object.assign(vcpuAt(domainAt(d, 0), 1).registers, {
      rax: HYPERVISOR.event_channel_op,
      rdi: EVTCHNOP.reset_cont,
      atHypercall: true,
    });
  });
  test.each([
    ['restart', undefined, EVTCHNOP.reset],
    ['exact', 64, EVTCHNOP.reset_cont],
    ['registers-only', undefined, EVTCHNOP.reset_cont],
    ['cursor-only', 64, EVTCHNOP.reset],
  ] as const)('%s', (Q4, cursor, subOp) => {
    const design = answering({ Q4 });
    expect(domainOf(host, 1, design).EVTCHN_RESET?.nextEvtchn).toBe(cursor);
    expect(domainOf(host, 0, design).VCPU[1]?.registers.rdi).toBe(subOp);
    expect(domainOf(host, 0, design).EVTCHN_RESET).toBeUndefined();
  });
  test('other calls with the same number in rdi stay as they are', () => {
    const other = mixed((d) => {
      for (const [vcpu, registers] of [
        { rax: HYPERVISOR.event_channel_op, rdi: EVTCHNOP.reset_cont, atHypercall: false },
        { rax: HYPERVISOR.mmuext_op, rdi: EVTCHNOP.reset_cont, atHypercall: true },
      ].entries())
        Object.assign(vcpuAt(domainAt(d, 0), vcpu).registers, registers);
    });
    expect(domainOf(other, 0).VCPU.map((v) => v.registers.rdi)).toEqual([14, 14]);
  });
});

describe('Q5: a log-dirty operation half done', () => {
  const host = mixed((d) => {
    domainAt(d, PVH).domain.pagingPreempt = { caller: domid(0), op: 'clean', done: 12 };
  });
  test('is carried only where the answer says so, the caller as a domid', () => {
    const found = (Q5: Policies['Q5']) => domainOf(host, PVH, answering({ Q5 })).PAGING_PREEMPT;
    expect(found('exact')).toEqual({ caller: 0, op: 'clean', done: 12 });
    expect(found('lose')).toBeUndefined();
    expect(found('finish')).toBeUndefined();
  });
});
