/**
 * How far a teardown came, as the number that Xen keeps (F2.8): an index into
 * the phases of domain_relinquish_resources() of *that* version (F2.10). What
 * comes before these, domain_teardown() and evtchn_destroy(), is begun anew:
 * each of its phases can be.
 */
import type { Teardown } from '../host/domain.ts';
import type { XenVersion } from './versions.ts';

type Phase = Teardown['phase'];

const phasesOf = (version: XenVersion): readonly Phase[] => {
  const order = version.teardownOrder as readonly Phase[];
  return order.slice(order.indexOf('pci'));
};

/** d->arch.rel_priv for a phase that is next; 0: at the beginning, or not there yet. */
export const progressOf = (version: XenVersion, phase: Phase): number =>
  phase === 'done' ? phasesOf(version).length : Math.max(0, phasesOf(version).indexOf(phase));

/** The phase that a version takes such a number for, or null: its switch has no such case. */
export const phaseOfProgress = (version: XenVersion, progress: number): Phase | null => {
  if (progress === 0) return 'none';
  const phases = phasesOf(version);
  return progress === phases.length ? 'done' : (phases[progress] ?? null);
};
