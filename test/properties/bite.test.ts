/**
 * Every invariant can fail: for each one a wrong save or restore, which is a
 * rule of the design dropped or a question answered badly, run over a host
 * that has what the rule protects. Without the fault the same host holds.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Invariant } from '../../properties/invariant.ts';
import { loadMutants } from '../../properties/mutant.ts';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios } from '../../properties/scenario.ts';
import { withCrashKernel } from '../../properties/scopes/questions.ts';
import { type Judged, updateAndJudge } from '../../src/check/judge-update.ts';
import { type Design, defaultDesign } from '../../src/design/design.ts';
import type { Policies } from '../../src/design/policies.ts';
import type { RuleId } from '../../src/design/rules.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { type DomainDraft, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { bindInterdomain, bindUnbound } from '../../src/host/build/events.ts';
import { finish } from '../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer, sendIoreq } from '../../src/host/build/ioreq.ts';
import { queueTasklet, shutDown } from '../../src/host/build/lifecycle.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { addXenShare } from '../../src/host/build/system.ts';
import { EVTCHNOP, GTF, HYPERVISOR, SHUTDOWN } from '../../src/host/constants.ts';
import type { Host } from '../../src/host/host.ts';
import { domid } from '../../src/host/ids.ts';
import { version } from '../support/updates.ts';

interface Fault {
  readonly drop: readonly RuleId[];
  readonly policies?: Partial<Policies>;
  readonly host: () => Host;
}

/** dom0 and one guest, and what `change` makes of them. */
const two = (type: 'pv' | 'hvm', change: (draft: HostDraft) => void) => (): Host => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 64 });
  addDomain(draft, { type, pages: 64 });
  change(draft);
  return finish(draft);
};

const channelsOf = (draft: HostDraft, id: number): Record<number, unknown> =>
  (draft.domains[id] as DomainDraft).domain.events.channels;

const withRequest = two('hvm', (draft) => {
  addIoreqServer(draft, 1, { emulator: 0 });
  sendIoreq(draft, 1, 0, 0, 1);
});
/** The guest shuts down, and its vCPU waits for an answer; dom0's event has woken it (F2.25, F9.5). */
const withDeferredShutdown = two('hvm', (draft) => {
  addIoreqServer(draft, 1, { emulator: 0 });
  sendIoreq(draft, 1, 0, 0, 1);
  shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
  vcpuAt(draft.domains[1] as DomainDraft, 0).pauseFlags = 0;
});
const withTasklet = two('pv', (draft) => {
  const vcpu = { domid: domid(0), vcpu: 0 };
  queueTasklet(draft, { work: 'continue_hypercall', softirq: false, vcpu });
});
const withReset = two('pv', (draft) => {
  // Port 3 was opened again below the cursor, between two continuations (F5.4).
  for (let i = 0; i < 70; i++) bindUnbound(draft, 1, 0);
  for (let i = 1; i < 65; i++) if (i !== 3) delete channelsOf(draft, 1)[i];
  const d = draft.domains[1] as NonNullable<(typeof draft.domains)[number]>;
  d.domain.events.nextEvtchn = 65;
  const v = vcpuAt(d, 0);
  v.registers = {
    ...v.registers,
    rax: HYPERVISOR.event_channel_op,
    rdi: EVTCHNOP.reset_cont,
    rsi: 1,
    atHypercall: true,
  };
});
/** A memory_op that will be entered again, its progress in its registers (C1). */
const withContinuation = two('pv', (draft) => {
  const v = vcpuAt(draft.domains[1] as DomainDraft, 0);
  v.registers = { ...v.registers, rax: HYPERVISOR.memory_op, rdi: 64, atHypercall: true };
});
const mixed = (): Host => mixedHost();
/** Port 1 and handle 0 are free again, so that neither ports nor handles are without gaps. */
const withGaps = two('pv', (draft) => {
  bindUnbound(draft, 1, 0);
  bindInterdomain(draft, 1, 0);
  delete channelsOf(draft, 1)[1];
  const refs = [0, 1].map(() => offerGrant(draft, 1, { to: 0 }));
  for (const ref of refs) mapGrant(draft, 0, { granter: 1, ref, host: true });
  unmapFirst(draft);
});
/** Takes handle 0 of dom0 back, as its unmap would have left things (F7.6). */
const unmapFirst = (draft: HostDraft): void => {
  const { grants } = (draft.domains[0] as DomainDraft).domain;
  const { grants: granter } = (draft.domains[1] as DomainDraft).domain;
  const first = grants.maptrack[0] as { ref: number };
  delete grants.maptrack[0];
  delete granter.active[first.ref];
  grants.maptrackFree[0]?.unshift(0);
  const content = draft.hardware.content[granter.frames[0] as number];
  if (content?.kind !== 'grant-v1') throw new Error('a v1 grant frame is expected');
  const entry = content.entries[first.ref] as { flags: number };
  entry.flags &= ~(GTF.reading | GTF.writing);
};
/** The guest named another frame in an entry that is mapped (F7.3). */
const withChangedEntry = two('pv', (draft) => {
  const ref = offerGrant(draft, 1, { to: 0 });
  mapGrant(draft, 0, { granter: 1, ref, host: true });
  const guest = draft.domains[1] as DomainDraft;
  const content = draft.hardware.content[guest.domain.grants.frames[0] as number];
  if (content?.kind !== 'grant-v1') throw new Error('a v1 grant frame is expected');
  const entry = content.entries[ref] as { frame: number };
  const dom0 = draft.domains[0] as DomainDraft;
  entry.frame = dom0.pages[dom0.pages.length - 1] as number;
});
/** Below bootmem only what xen#1 itself has taken: less than the domains' xenheap pages. */
const fullBelow = two('pv', (draft) => {
  addDomain(draft, { type: 'pv', pages: 64 });
  while (addXenShare(draft, 1, 'ballast') < draft.xen.bootmem.start - 1);
});

/** Without R44 xen#2 does not look before it runs on, so the damage shows after the resume. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'I2.1': { drop: ['I2.1.pauses'], host: mixed },
  'I2.2': { drop: ['R12'], host: withRequest },
  'I2.3': { drop: ['F2.26.code'], host: mixed },
  'I3.1': { drop: ['R45'], host: withTasklet },
  'I3.2': { drop: [], policies: { Q4: 'registers-only' }, host: withReset },
  'I6.1': { drop: ['F6.16.ports', 'R44'], host: withGaps },
  'I6.2': { drop: ['F6.3.counts'], host: mixed },
  'I6.3': { drop: ['F6.3.virq'], host: mixed },
  'I6.4': { drop: ['F6.6.tails'], host: mixed },
  'I6.5': { drop: ['F6.10.recreate'], host: mixed },
  'I6.6': { drop: ['F6.9.priority'], host: mixed },
  'I7.1': { drop: ['F7.5.pins'], host: mixed },
  'I7.2': { drop: ['F7.3.frame', 'R44'], host: withChangedEntry },
  'I7.3': { drop: ['F7.2.status'], host: mixed },
  'I7.4': { drop: ['F7.4.handles'], host: withGaps },
  'I7.5': { drop: ['F7.9.frames'], host: mixed },
  'I8.1': { drop: ['F8.13.mfn'], host: mixed },
  'I8.2': { drop: ['F7.5.type', 'R44'], host: mixed },
  'I8.3': { drop: ['F8.15.m2p-content'], host: mixed },
  'I8.4': { drop: ['F8.16.l4'], host: mixed },
  'I8.5': { drop: ['F8.3.writable', 'R44'], host: mixed },
  'I8.6': { drop: ['R34'], host: mixed },
  'I9.1': { drop: ['R12'], host: withRequest },
  'I9.2': { drop: ['R12'], host: withRequest },
  'KEXEC-1': { drop: [], policies: { Q15: 'shared' }, host: withCrashKernel },
  'MEM-1': { drop: ['R26', 'R44'], host: mixed },
  'MEM-2': { drop: ['R27', 'F7.9.frames', 'F8.13.mfn'], host: fullBelow },
  'MEM-4': { drop: ['R42'], host: mixed },
  'PNR-2': { drop: ['R30'], host: mixed },
  'RUN-1': { drop: ['R3'], host: mixed },
  'VER-1': { drop: ['F10.12.timers'], host: mixed },
};

let invariants: readonly Invariant[] = [];
beforeAll(async () => {
  invariants = await loadInvariants();
});

const judged = (host: Host, design: Design): Judged =>
  updateAndJudge({ host, from: version('4.17'), to: version('4.17'), design, invariants });

const broken = (j: Judged): string[] => j.invariants.filter((i) => !i.holds).map((i) => i.id);

test('every invariant has a fault that it must notice: here, a scenario or a real bug', async () => {
  const byScenario = (await loadScenarios()).map((s) => s.violates);
  const byBug = (await loadMutants()).flatMap((m) => m.kills);
  const unbroken = invariants
    .map((i) => i.id)
    .filter((id) => FAULTS[id] === undefined)
    .filter((id) => !byScenario.includes(id) && !byBug.includes(id));
  expect(unbroken).toEqual([]);
  const ids = invariants.map((i) => i.id);
  expect(Object.keys(FAULTS).filter((id) => !ids.includes(id))).toEqual([]);
});

describe('the default design breaks nothing', () => {
  const hosts: [string, () => Host][] = [
    ['mixed', mixed],
    ['request in flight', withRequest],
    ['shutdown deferred', withDeferredShutdown],
    ['tasklet', withTasklet],
    ['reset', withReset],
    ['continuation', withContinuation],
    ['gaps', withGaps],
    ['changed entry', withChangedEntry],
    ['no memory below', fullBelow],
  ];
  test.each(hosts)('%s', (_name, host) => {
    const j = judged(host(), defaultDesign);
    expect(j.outcome.kind).toBe('resumed');
    expect(j.invariants.filter((i) => !i.holds)).toEqual([]);
  });
});

describe('each invariant notices its fault', () => {
  test.each(Object.entries(FAULTS))('%s', (id, fault) => {
    const design: Design = {
      dropped: fault.drop,
      policies: { ...defaultDesign.policies, ...fault.policies },
    };
    const j = judged(fault.host(), design);
    const found = broken(j);
    const why = j.outcome.kind === 'resumed' ? '' : JSON.stringify(j.outcome.update.crash);
    expect(found, `${j.outcome.kind} ${why}`).toContain(id);
    const detail = j.invariants.find((i) => i.id === id)?.detail ?? [];
    expect(detail.length).toBeGreaterThan(0);
    expect(detail[0]).toMatch(/(d\d+|host|frames? 0x|M2P|\d{4}:\d{2}:)/);
  });
});
