import type { Domain } from '../../src/host/domain.ts';
import type { Vcpu } from '../../src/host/vcpu.ts';
import { invariant, type UpdateEvidence, type Verdict, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, hex, vcpuName } from '../support/names.ts';
import { isHeld, isRunnable } from '../support/pauses.ts';
import { pairsOf, vcpusOf } from '../support/walk.ts';

/** What keeps a vCPU from running, in words. */
const describe = (d: Domain, v: Vcpu | undefined): string => {
  if (v === undefined) return 'not there';
  const reasons = [
    d.pauseCount > 0 ? `domain paused ${d.pauseCount} times` : '',
    v.pauseCount > 0 ? `paused ${v.pauseCount} times` : '',
    v.pauseFlags !== 0 ? `pause_flags ${hex(v.pauseFlags)}` : '',
    v.initialised ? '' : 'not initialised',
  ].filter(Boolean);
  return reasons.length === 0 ? 'runnable' : reasons.join(', ');
};

/** A shutdown was under way, and the vCPU joined it when its emulation was complete (F2.25). */
const joinedShutdown = (d: Domain, v: Vcpu, now: Vcpu | undefined): boolean =>
  d.shutdown.state !== 'none' && v.deferShutdown && now?.pausedForShutdown === true;

/** Before the trigger and after the resume: who ran runs, who was held is held. */
const compareRunning = (a: Audit, { before, after }: UpdateEvidence): void => {
  for (const [d, now] of pairsOf(before, after)) {
    // Only the end of a teardown takes a domain away, and none of those ran.
    if (now === null && d.dying === 'alive') a.offend(domainName(d.domid), 'is gone');
    if (now === null) continue;
    for (const v of d.vcpus) {
      a.count();
      const next = now.vcpus[v.id];
      if (joinedShutdown(d, v, next)) continue;
      const runs = next !== undefined && isRunnable(now, next);
      if (isRunnable(d, v) !== runs && (isRunnable(d, v) || isHeld(before, d, v)))
        a.offend(vcpuName(d.domid, v.id), `${describe(d, v)} -> ${describe(now, next)}`);
    }
  }
};

/** From the save on nothing but the update's own pause goes away. */
const compareSaved = (a: Audit, { saved, after }: UpdateEvidence): void => {
  for (const [d, now] of pairsOf(saved, after)) {
    if (now === null) continue;
    const own = d.pausers.filter((p) => p === 'lu').length;
    if (now.pauseCount !== d.pauseCount - own)
      a.offend(
        domainName(d.domid),
        `pause_count ${d.pauseCount} at the save, ${own} of it the update's; ${now.pauseCount} after`,
      );
    for (const v of d.vcpus) {
      const next = now.vcpus[v.id];
      const same =
        next !== undefined &&
        next.pauseFlags === v.pauseFlags &&
        next.pauseCount === v.pauseCount &&
        next.initialised === v.initialised;
      if (!same)
        a.offend(
          vcpuName(d.domid, v.id),
          `pause_count ${v.pauseCount}, flags ${hex(v.pauseFlags)} at the save; ` +
            `after ${next === undefined ? 'not there' : `${next.pauseCount}, ${hex(next.pauseFlags)}`}`,
        );
    }
  }
};

/** R2 and R3: between the save and the verification nobody runs. */
const watch = (): Watcher => {
  const a = new Audit();
  const told = new Set<string>();
  return {
    see: ({ type, host, phase }) => {
      if (phase !== 'saving' && phase !== 'restoring') return;
      for (const [d, v] of vcpusOf(host)) {
        if (!isRunnable(d, v) && v.runningOn === null) continue;
        const where = vcpuName(d.domid, v.id);
        if (told.has(where)) continue;
        told.add(where);
        a.offend(where, `can run at ${type}, before everything is verified`);
      }
    },
    verdict: () => a.verdict(),
  };
};

const compare = (evidence: UpdateEvidence): Verdict => {
  const a = new Audit();
  compareRunning(a, evidence);
  compareSaved(a, evidence);
  return a.verdict();
};

export default invariant({
  id: 'RUN-1',
  title: 'Who ran runs again, who was paused stays paused',
  says:
    'A vCPU that could run before the update can run after it, one that was held by a pause, a ' +
    'shutdown or being down is still held; and in between none can run.',
  why:
    'Lost pauses start domains that somebody stopped for a reason; leaked ones stop domains for ' +
    'ever; and a domain that runs early changes what is being saved or restored (R4).',
  sources: ['RUN-1', 'R2', 'R3', 'R4', 'F2.17', 'S4', 'S58'],
  update: compare,
  watch,
});
