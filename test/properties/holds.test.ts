/**
 * Every invariant holds of updates without a fault, over hosts of all shapes,
 * and of each it is shown that there was something to look at: an invariant
 * that was never asked about anything proves nothing.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Invariant } from '../../properties/invariant.ts';
import { type Judgement, judge, loadInvariants } from '../../properties/registry.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../src/host/build/draft.ts';
import { bindInterdomain, bindIpi, bindVirq } from '../../src/host/build/events.ts';
import { mask, raise, useFifo } from '../../src/host/build/fifo.ts';
import { finish } from '../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { mapForeign, sendIoreq } from '../../src/host/build/ioreq.ts';
import {
  pauseByController,
  pauseVcpu,
  queueRcu,
  queueTasklet,
  shutDown,
  startDying,
} from '../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../src/host/build/mixed-host.ts';
import { mapIoreqServerGfns } from '../../src/host/build/p2m.ts';
import { addPartialTable, addTable, setOldGuestTable } from '../../src/host/build/page-tables.ts';
import { addXenShare, assignDevice, loadKexec } from '../../src/host/build/system.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { DOMCTL, HYPERVISOR, SHUTDOWN, VIRQ } from '../../src/host/constants.ts';
import type { Host } from '../../src/host/host.ts';
import { domid } from '../../src/host/ids.ts';
import { ran, version } from '../support/updates.ts';
import { evidence, updated } from './support/evidence.ts';

const changed = (change: (draft: HostDraft) => void) => (): Host => {
  const draft = mixedDraft();
  change(draft);
  return finish(draft);
};

/** Four guests of one kind that share with each other and with dom0. */
const crowd = (type: 'pv' | 'pvh' | 'hvm', fifo: boolean) => (): Host => {
  const draft = buildHost({ cpus: 4 });
  addDomain(draft, { type: 'pv', pages: 128, vcpus: 4 });
  for (let i = 1; i <= 4; i++) {
    addDomain(draft, { type, pages: 40, vcpus: 2, grantVersion: i % 2 === 0 ? 2 : 1 });
    if (fifo) useFifo(draft, i);
    bindVirq(draft, i, VIRQ.TIMER, { vcpu: 1 });
    bindIpi(draft, i, { priority: 2 });
  }
  for (let i = 1; i <= 4; i++) {
    const next = (i % 4) + 1;
    const { a, b } = bindInterdomain(draft, i, next);
    raise(draft, i, a);
    mask(draft, next, b);
    for (const to of [0, next, i]) {
      const ref = offerGrant(draft, i, { to, readonly: to === next });
      mapGrant(draft, to, { granter: i, ref, host: true, device: to === 0 });
      mapGrant(draft, to, { granter: i, ref, readonly: true, vcpu: to === 0 ? 3 : 1 });
    }
    mapForeign(draft, domainAt(draft, 0), domainAt(draft, i).pages[30] as number);
  }
  return finish(draft);
};

const HOSTS: Readonly<Record<string, () => Host>> = {
  mixed: mixedHost,
  'with an IOMMU, shares and a crash kernel': changed((draft) => {
    assignDevice(draft, 1, '0000:01:00.0', { frames: domainAt(draft, 1).pages.slice(0, 4) });
    addXenShare(draft, 3, 'vmtrace');
    loadKexec(draft, 'crash');
  }),
  'with pauses and shutdowns': changed((draft) => {
    pauseByController(draft, 0, 2);
    pauseVcpu(draft, 3, 1, 3);
    shutDown(draft, 2, 'complete', SHUTDOWN.poweroff);
    shutDown(draft, 1, 'complete', SHUTDOWN.suspend);
  }),
  'with interrupted page tables': changed((draft) => {
    const d = domainAt(draft, 1);
    const children = [0, 1, 2].map(() => addTable(draft, d, 1, []));
    setOldGuestTable(draft, d, 1, addPartialTable(draft, d, { level: 2, children, validated: 2 }));
  }),
  'with gfns that go to an emulator': changed((draft) => {
    mapIoreqServerGfns(draft, domainAt(draft, 3), 0, 5);
  }),
  'with an interrupted memory_op': changed((draft) => {
    const { registers } = vcpuAt(domainAt(draft, 1), 0);
    Object.assign(registers, { rax: HYPERVISOR.memory_op, rdi: 64, atHypercall: true });
  }),
  'with a second zombie that maps': changed((draft) => {
    const ref = offerGrant(draft, 3, { to: 1 });
    mapGrant(draft, 1, { granter: 3, ref });
    mapForeign(draft, domainAt(draft, 0), domainAt(draft, 1).pages[50] as number);
    makeZombie(draft, 1);
  }),
  'four PV guests': crowd('pv', false),
  'four PVH guests with FIFO': crowd('pvh', true),
  'four HVM guests': crowd('hvm', false),
  'nothing but dom0': () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16 });
    return finish(draft);
  },
};

/** Hosts that are not at rest: quiescing has to bring them there. */
const IN_FLIGHT: Readonly<Record<string, () => Host>> = {
  'an ioreq that the emulator works on': changed((draft) => {
    sendIoreq(draft, 3, 0, 0, 2);
    sendIoreq(draft, 3, 0, 1, 3);
  }),
  'a hypercall in a tasklet, and a callback': changed((draft) => {
    const vcpu = { domid: domid(0), vcpu: 1 };
    queueTasklet(draft, { work: 'continue_hypercall', softirq: false, vcpu });
    queueRcu(draft, 'a radix-tree node');
  }),
  'a domain in the middle of destroydomain': changed((draft) => {
    startDying(draft, 2);
  }),
  'a log-dirty operation half done': changed((draft) => {
    const { domain } = domainAt(draft, 3);
    domain.pagingPreempt = { caller: domid(0), op: 'clean', done: 1 };
    if (domain.p2m !== null) domain.p2m.logDirty = true;
    Object.assign(vcpuAt(domainAt(draft, 0), 0).registers, {
      ...{ rax: HYPERVISOR.paging_domctl_cont, rdi: DOMCTL.shadow_op, rsi: 3 },
      atHypercall: true,
    });
  }),
};

let all: readonly Invariant[] = [];
beforeAll(async () => {
  all = await loadInvariants();
});

const broken = (judgements: readonly Judgement[]): readonly string[] =>
  judgements.flatMap((j) => (j.detail ?? []).map((d) => `${j.id} ${d}`));

describe('an update that changes nothing but the instance', () => {
  test.each(Object.entries(HOSTS))('%s', (_name, make) => {
    const host = make();
    expect(broken(judge(all, evidence(host, updated(host))))).toEqual([]);
  });
});

/** A whole update through the model, under the eyes of everyone. */
const judged = (host: Host, to: string): readonly Judgement[] => {
  const { outcome, steps } = ran(host, { to });
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.reasons.join('; ')}`);
  const watchers = new Map(all.flatMap((i) => (i.watch ? [[i.id, i.watch(defaultDesign)]] : [])));
  for (const s of steps) {
    const target = 'domid' in s.event ? s.event.domid : null;
    for (const w of watchers.values())
      w.see({ type: s.event.type, domid: target, host: s.host, phase: s.phase });
  }
  const after = steps.at(-1)?.host ?? host;
  const from = version(host.xen.build.version);
  return judge(
    all,
    evidence(host, after, { from, to: version(to), saved: outcome.saved, outcome: outcome.kind }),
    watchers,
  );
};

describe('an update through the model', () => {
  const checked = new Map<string, number>();

  test.each(Object.entries(HOSTS))('%s', (_name, make) => {
    const judgements = judged(make(), '4.17');
    expect(broken(judgements)).toEqual([]);
    for (const j of judgements) checked.set(j.id, (checked.get(j.id) ?? 0) + j.checked);
  });

  test.each(Object.entries(IN_FLIGHT))('%s', (_name, make) => {
    expect(broken(judged(make(), '4.17'))).toEqual([]);
  });

  test.each(VERSIONS.map((v) => v.id))('the mixed host from and to Xen %s', (id) => {
    const { countRules } = version(id);
    expect(broken(judged(mixedHost(), id))).toEqual([]);
    expect(broken(judged(mixedHost({ version: id, rules: countRules }), '4.17'))).toEqual([]);
  });

  test('gives every invariant something to look at', () => {
    // Those of updates that are given up find nothing in one that goes through.
    const ofRefusals = all.filter((i) => i.refused !== undefined).map((i) => i.id);
    const idle = [...checked].filter(([id, n]) => n === 0 && !ofRefusals.includes(id));
    expect(idle).toEqual([]);
    expect(checked.size).toBeGreaterThanOrEqual(30);
  });
});
