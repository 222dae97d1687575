/** What the host has as a whole: deferred work, shares of DOMID_XEN, images, clocks. */

import { queueRcu, queueTasklet } from '../../../../src/host/build/lifecycle.ts';
import {
  addTraceBuffers,
  addXenShare,
  loadKexec,
  setVirqHandler,
} from '../../../../src/host/build/system.ts';
import { VIRQ } from '../../../../src/host/constants.ts';
import { type PartKind, pick, type Site } from './kind.ts';

/** Work of Xen's own, for no vCPU or for one of a guest's (F3.16). */
const WORK = [
  { work: 'notify', softirq: true },
  { work: 'iommu_free_pagetables', softirq: false },
  { work: 'assert_evtchn_irq', softirq: true },
  { work: 'init_sipi', softirq: true },
] as const;

const tasklet = ({ draft, at, n }: Site): void => {
  const { work, softirq } = pick(WORK, n[0]);
  const own = work === 'assert_evtchn_irq' || work === 'init_sipi';
  const vcpu = { domid: at.domain.domid, vcpu: n[1] % at.domain.vcpus.length };
  const cpu = n[2] % draft.hardware.cpus;
  queueTasklet(draft, { work, softirq, scheduledOn: cpu, vcpu: own ? vcpu : null });
};

/** A sysctl of dom0 that another CPU carries out (F3.12). */
const hotplug: PartKind['live'] = function* ({ host, n }) {
  const vcpu = n[0] % (host.xen.domains[0]?.vcpus.length ?? 1);
  yield { type: 'sysctl.cpu_hotplug', caller: 0, vcpu, cpu: 1, fails: n[1] % 2 === 0 };
};

const shares = ({ draft, n }: Site): void => {
  if (n[0] % 2 === 0) addTraceBuffers(draft, 1 + (n[1] % 3));
  else addXenShare(draft, 1 + (n[1] % 3), `share ${n[2]}`);
};

const handler = ({ draft, at, n }: Site): void => {
  const virq = pick([VIRQ.TBUF, VIRQ.PCPU_STATE, VIRQ.MEM_EVENT, VIRQ.ENOMEM, 17, 23], n[0]);
  const taken = Object.values(draft.domains).some((d) => d.domain.vcpus[0]?.virqToPort[virq]);
  if (!taken && draft.xen.system.virqHandlers[virq] === undefined)
    setVirqHandler(draft, virq, at.domain.domid);
};

const crashKernel = ({ draft, n }: Site): void => {
  const build = { ...draft.xen.build, imageFrames: 300 + n[1] };
  loadKexec(draft, 'crash', { commandLine: `crash=${n[2]}`, ...(n[0] % 2 === 0 ? {} : { build }) });
};

/** System time that started before this Xen did: it is itself the result of an update (F10.12). */
const clock = ({ draft, n }: Site): void => {
  draft.xen.timeOffset = 1000 * n[0] + n[1];
  draft.hardware.platformTime = draft.xen.now - draft.xen.timeOffset;
};

const UNSUPPORTED = ['altp2m', 'nested HVM', 'memory paging'] as const;
const unsupported = (site: Site): void => {
  const { at, n, draft } = site;
  if (n[1] % 4 === 0) draft.xen.system.unsupported.push('argo');
  else if (at.domain.dying !== 'dead') at.domain.unsupported.push(pick(UNSUPPORTED, n[0]));
};

export const systemParts: readonly PartKind[] = [
  {
    id: 'tasklet',
    says: 'a tasklet',
    sources: ['F3.15', 'F3.16', 'R45'],
    weight: 3,
    build: tasklet,
  },
  {
    id: 'hotplug',
    says: 'a sysctl that waits for another CPU',
    sources: ['F3.12', 'F3.13'],
    weight: 3,
    live: hotplug,
  },
  {
    id: 'rcu',
    says: 'an RCU callback',
    sources: ['F3.17'],
    weight: 1,
    build: ({ draft, n }) => queueRcu(draft, `callback ${n[0]}`),
  },
  {
    id: 'shares',
    says: 'trace buffers, or shares of DOMID_XEN',
    sources: ['F2.5', 'F8.12'],
    weight: 3,
    build: shares,
  },
  {
    id: 'virq-handler',
    says: 'a global VIRQ for this domain',
    sources: ['F6.14', 'F2.14'],
    weight: 4,
    build: handler,
  },
  {
    id: 'crash-kernel',
    says: 'a crash kernel',
    sources: ['F1.11', 'Q15'],
    weight: 2,
    build: crashKernel,
  },
  { id: 'clock', says: 'a system time with a past', sources: ['F10.12'], weight: 3, build: clock },
  {
    id: 'unsupported',
    says: 'something that no record carries',
    sources: ['F13.7', 'Q7'],
    weight: 1,
    build: unsupported,
  },
];
