/** Who pauses a domain and its vCPUs, whether it is shut down, how far it died (F2). */
import { SHUTDOWN, SHUTDOWN_CODE_INVALID } from '../../host/constants.ts';
import type { Domain, Pauser, ShutdownState, Teardown } from '../../host/domain.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { Notes } from './notes.ts';

export interface Lifecycle {
  readonly dying: Domain['dying'];
  readonly teardown: Teardown;
  readonly pauseCount: number;
  readonly controllerPauseCount: number;
  readonly pausers: readonly Pauser[];
  readonly creationFinished: boolean;
  readonly shutdown: ShutdownState;
}

/** Places of the letters of `xl list`'s State column. */
const STATE_SHUTDOWN = 3;
const STATE_CRASHED = 4;

/** Does `xl list` say that it is shut down? Undefined: it says nothing. */
const toldShutDown = (d: DomainFacts): boolean | undefined => {
  const { companion } = d;
  if (companion?.state !== undefined) return companion.state[STATE_SHUTDOWN] === 's';
  return companion?.shutdownReason === undefined ? undefined : true;
};

const shutdownCode = (d: DomainFacts, notes: Notes): number => {
  const { companion } = d;
  if (companion?.shutdownReason !== undefined) return companion.shutdownReason;
  if (companion?.state?.[STATE_CRASHED] === 'c') return SHUTDOWN.crash;
  notes.assume('shutdown-code', 1, d.domid);
  return SHUTDOWN.poweroff;
};

/**
 * A shutdown that is complete pauses every vCPU once more (F2.23), and the
 * dump shows no code. Where `xl list` speaks, it is believed, unless no vCPU
 * is paused.
 */
const shutdownOf = (d: DomainFacts, notes: Notes): ShutdownState => {
  const { vcpus } = d.reading;
  const allPaused = vcpus.length > 0 && vcpus.every((v) => v.pauseCount > 0);
  const told = toldShutDown(d);
  if (told === true && !allPaused)
    notes.contradict(
      'shutdown',
      d.domid,
      `d${d.domid} is shut down by xl list, but has vCPUs that are not paused`,
      { at: [d.reading, ...(d.companion?.sources ?? [])] },
    );
  if (!allPaused || told === false) return { state: 'none', code: SHUTDOWN_CODE_INVALID };
  if (told === undefined) notes.assume('shutdown', 1, d.domid);
  return { state: 'complete', code: shutdownCode(d, notes) };
};

/**
 * The phase that what is left allows: first go the grants that it has mapped,
 * then ports, then xenheap pages (F2.9, F2.10, F4.3).
 */
const teardownOf = (d: DomainFacts, grantsMapped: number, notes: Notes): Teardown => {
  if (d.dying === 'alive') return { phase: 'none' };
  if (d.dying === 'dead') return { phase: 'done' };
  notes.assume('teardown', 1, d.domid);
  if (grantsMapped > 0 || (d.channels?.ports.length ?? 0) > 0) return { phase: 'none' };
  return { phase: d.reading.xenheapPages > 0 ? 'evtchn' : 'l4' };
};

const pausersOf = (
  d: DomainFacts,
  notes: Notes,
): Pick<Lifecycle, 'pauseCount' | 'controllerPauseCount' | 'pausers'> => {
  const { pauseCount } = d.reading;
  if (d.dying === 'alive') {
    notes.assume('controller-pauses', pauseCount, d.domid);
    return { pauseCount, controllerPauseCount: pauseCount, pausers: [] };
  }
  if (pauseCount === 0)
    notes.contradict(
      'pause-count',
      d.domid,
      `d${d.domid} is dying, but not paused: domain_kill pauses it once`,
      { shown: 0, have: 1, at: [d.reading] },
    );
  const controllerPauseCount = Math.max(0, pauseCount - 1);
  notes.assume('controller-pauses', controllerPauseCount, d.domid);
  return { pauseCount: controllerPauseCount + 1, controllerPauseCount, pausers: ['dying'] };
};

const wasStarted = (d: DomainFacts, notes: Notes): boolean => {
  if (d.dying !== 'alive' || d.reading.pauseCount === 0 || d.type !== 'pv' || d.started)
    return true;
  notes.assume('never-started', 1, d.domid);
  return false;
};

/** `grantsMapped`: maptrack entries that it has in use. */
export const lifecycleOf = (d: DomainFacts, grantsMapped: number, notes: Notes): Lifecycle => ({
  dying: d.dying,
  teardown: teardownOf(d, grantsMapped, notes),
  ...pausersOf(d, notes),
  creationFinished: wasStarted(d, notes),
  shutdown: shutdownOf(d, notes),
});
