/**
 * The hosts by which the matrix of versions is made: those of the golden
 * vectors, each about one thing that is easily lost, and some more that an
 * update has to bring to rest or to refuse.
 */
import type { Policies } from '../design/policies.ts';
import type { XenVersion } from '../design/versions.ts';
import { domainAt, type HostDraft, vcpuAt } from '../host/build/draft.ts';
import { finish } from '../host/build/finish.ts';
import { sendIoreq } from '../host/build/ioreq.ts';
import { queueRcu, queueTasklet, startDying } from '../host/build/lifecycle.ts';
import { mixedDraft } from '../host/build/mixed-host.ts';
import { DOMCTL, HYPERVISOR } from '../host/constants.ts';
import type { Host } from '../host/host.ts';
import { domid } from '../host/ids.ts';
import { vectorHosts } from '../vectors/hosts.ts';

export interface VersionHost {
  readonly name: string;
  readonly host: Host;
  /** Answers to the open questions, where they are not the default ones. */
  readonly policies?: Partial<Policies>;
  /** Whether a Xen of that version can have such a host. */
  readonly exists: (from: XenVersion) => boolean;
}

const always = (): boolean => true;

const changed = (name: string, change: (draft: HostDraft) => void): VersionHost => {
  const draft = mixedDraft();
  change(draft);
  return { name, host: finish(draft), exists: always };
};

/** dom0 was preempted amid XEN_DOMCTL_shadow_op, whose interface version may change (F3.9, F3.11). */
const amidDomctl = (draft: HostDraft): void => {
  const { domain } = domainAt(draft, 3);
  domain.pagingPreempt = { caller: domid(0), op: 'clean', done: 1 };
  if (domain.p2m !== null) domain.p2m.logDirty = true;
  Object.assign(vcpuAt(domainAt(draft, 0), 0).registers, {
    ...{ rax: HYPERVISOR.paging_domctl_cont, rdi: DOMCTL.shadow_op, rsi: 3 },
    atHypercall: true,
  });
};

/** All of them; the same at each call. */
export const versionHosts = (): readonly VersionHost[] => [
  ...vectorHosts().map(({ name, host, policies }) => ({
    name,
    host,
    ...(policies === undefined ? {} : { policies }),
    // Its reset goes on by EVTCHNOP_reset_cont, which older ones do not have (F3.8).
    exists: (from: XenVersion) => name !== 'interrupted' || from.hasResetCont,
  })),
  changed('requests-in-flight', (draft) => {
    sendIoreq(draft, 3, 0, 0, 2);
    sendIoreq(draft, 3, 0, 1, 3);
  }),
  changed('deferred-work', (draft) => {
    const vcpu = { domid: domid(0), vcpu: 1 };
    queueTasklet(draft, { work: 'continue_hypercall', softirq: false, vcpu });
    queueRcu(draft, 'a radix-tree node');
  }),
  changed('dying', (draft) => startDying(draft, 2)),
  changed('log-dirty', amidDomctl),
  changed('memory-sharing', (draft) => {
    domainAt(draft, 3).domain.unsupported.push('memory sharing');
  }),
];
