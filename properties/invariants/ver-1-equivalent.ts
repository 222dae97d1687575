import { numericKeys } from '../../src/host/codec.ts';
import { diffHosts } from '../../src/host/diff.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { ACROSS_UPDATE, type MayChange } from '../../src/host/may-change.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { placeOf, valueText } from '../support/differences.ts';
import { domainsOf } from '../support/walk.ts';

/** Differences that other invariants judge with more knowledge, and what follows from policies. */
const JUDGED_ELSEWHERE: readonly MayChange[] = [
  { path: 'xen.frames.*.flags', reason: 'types follow from references: I8.2' },
  { path: 'xen.frames.*.typeCount', reason: 'I8.2, by the rules of each version' },
  { path: 'xen.frames.*.generalCount', reason: 'I8.2, by the rules of each version' },
  { path: 'xen.frames.partial', reason: 'interrupted validations may start again (Q6)' },
  { path: 'xen.frames.linear', reason: 'it follows from the entries of tables that are valid' },
  { path: 'xen.domains.*.vcpus.*.oldGuestTable', reason: 'a deferred put may be dropped (Q6)' },
  { path: 'xen.domains.*.pagingPreempt', reason: 'I3.2 compares the outcome (Q5)' },
  { path: 'xen.domains.*.teardown', reason: 'phases may be done again; KILL-1 has the end (Q3)' },
];

/** The host at the save as it would be without the update's own pauses. */
const withoutParking = (host: Host): Host => {
  const domains: Record<number, Domain> = {};
  for (const d of domainsOf(host)) {
    const pausers = d.pausers.filter((p) => p !== 'lu');
    const own = d.pausers.length - pausers.length;
    domains[d.domid] = { ...d, pausers, pauseCount: d.pauseCount - own };
  }
  return { ...host, xen: { ...host.xen, domains } };
};

/** Paths of a reset of event channels in progress: I3.2 compares its outcome (Q4). */
const resetPaths = (host: Host): ReadonlySet<string> => {
  const paths = new Set<string>();
  for (const d of domainsOf(host)) {
    if (d.events.nextEvtchn !== 0) paths.add(`xen.domains.${d.domid}.events.nextEvtchn`);
    d.vcpus.forEach((v, i) => {
      if (v.registers.atHypercall) paths.add(`xen.domains.${d.domid}.vcpus.${i}.registers.rdi`);
    });
  }
  return paths;
};

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  const mayChange = [...ACROSS_UPDATE, ...JUDGED_ELSEWHERE];
  const before = withoutParking(saved);
  const inReset = resetPaths(saved);
  for (const difference of diffHosts(before, after, { mayChange })) {
    if (inReset.has(difference.path)) continue;
    a.offend(
      placeOf(difference),
      `${valueText(difference.before)} -> ${valueText(difference.after)}`,
    );
  }
  a.count(before.xen.frames.owner.length);
  a.count(numericKeys(before.xen.domains).length);
  return a.verdict();
};

export default invariant({
  id: 'VER-1',
  title: 'Whatever the versions: equivalent, or refused in time',
  says:
    'An update that was not refused before the point of no return leads to a host that nobody ' +
    'can tell from the one before, except by what is listed with its reason.',
  why:
    'The other invariants each look at one thing; a field that is saved and not restored, or ' +
    'lost between two versions, is seen here whatever it is.',
  sources: ['VER-1', 'R3', 'R9', 'R19', 'F10.7', 'Q7'],
  update: compare,
});
