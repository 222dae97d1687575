/** Where a domain is in its life: DOMAIN_STATE. */
import { type Design, keeps } from '../../design/design.ts';
import { progressOf } from '../../design/teardown-progress.ts';
import { versionOf } from '../../design/versions.ts';
import { SHUTDOWN_CODE_INVALID } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

/**
 * Shutdown state and code. Without the rule the domains are resumed as after
 * a suspend, and domain_resume() clears both (F2.26).
 */
const shutdownOf = (d: Domain, design: Design) => {
  const { state, code } = keeps(design, 'F2.26.code')
    ? d.shutdown
    : ({ state: 'none', code: SHUTDOWN_CODE_INVALID } as const);
  // "Never given" is a number inside Xen only (F2.1).
  return { shutdown: state, shutdownCode: code === SHUTDOWN_CODE_INVALID ? null : code };
};

/**
 * The pauses that last: the tool stack's and vm_event's. Those of a dying
 * domain and of the update itself follow from other things. Without the rule
 * the sum of all is saved as if it were the tool stack's (I2.1).
 */
const pausesOf = (d: Domain, design: Design) =>
  keeps(design, 'I2.1.pauses')
    ? {
        controllerPauseCount: d.controllerPauseCount,
        vmEventPauses: d.pausers.filter((p) => p === 'vm_event').length,
      }
    : { controllerPauseCount: d.pauseCount, vmEventPauses: 0 };

export const domainStateRecord = (d: Domain, design: Design): LuRecord =>
  record('DOMAIN_STATE', {
    dying: d.dying,
    ...shutdownOf(d, design),
    ...pausesOf(d, design),
    creationFinished: d.creationFinished,
  });

/** xen#1's number for the phase that is next, where the design goes on in the middle (Q3, F2.8). */
export const teardownRecord = (host: Host, d: Domain, design: Design): LuRecord[] => {
  const version = versionOf(host.xen.build.version);
  if (design.policies.Q3 !== 'exact' || d.dying !== 'dying' || version === null) return [];
  return [record('TEARDOWN', { relinquish: progressOf(version, d.teardown.phase) })];
};
