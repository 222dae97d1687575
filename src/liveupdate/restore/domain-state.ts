/** The end of pass 2: life, pauses, shutdown; only now may a domain be dying again (rule 11). */
import { phaseOfProgress } from '../../design/teardown-progress.ts';
import { versionOf } from '../../design/versions.ts';
import { SHUTDOWN_CODE_INVALID } from '../../host/constants.ts';
import type { Pauser, Teardown } from '../../host/domain.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import type { RestoreDraft } from './draft.ts';

/**
 * Where the teardown goes on: at its beginning, since every phase can be done
 * again on what it left. A number of xen#1's is read as one of this Xen's.
 */
const phaseOf = (draft: RestoreDraft, s: DomainSections): Teardown['phase'] | null => {
  if (s.DOMAIN_STATE.dying === 'dead') return 'done';
  const version = versionOf(draft.restoring.xen.build.version);
  return s.TEARDOWN === undefined || version === null
    ? 'none'
    : phaseOfProgress(version, s.TEARDOWN.relinquish);
};

export const restoreDomainState = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const st = s.DOMAIN_STATE;
  const phase = phaseOf(draft, s);
  if (phase === null)
    return {
      what: `d${s.DOMAIN.domid}: no phase ${s.TEARDOWN?.relinquish} of a teardown: BUG()`,
      sources: ['F2.10', 'S33'],
    };
  const lasting: Pauser[] = [
    ...(st.dying === 'alive' ? [] : (['dying'] as const)),
    ...new Array<Pauser>(st.vmEventPauses).fill('vm_event'),
  ];
  draft.update(s.DOMAIN.domid, (d) => {
    const pausers = [...lasting, 'lu' as const];
    return {
      dying: st.dying,
      // The reference of the creation is dropped when a domain is dead (F2.7, F2.14).
      refcnt: d.refcnt - (st.dying === 'dead' ? 1 : 0),
      teardown: { phase },
      controllerPauseCount: st.controllerPauseCount,
      pausers,
      pauseCount: st.controllerPauseCount + pausers.length,
      creationFinished: st.creationFinished,
      shutdown: { state: st.shutdown, code: st.shutdownCode ?? SHUTDOWN_CODE_INVALID },
    };
  });
  const paging = s.PAGING_PREEMPT;
  if (paging !== undefined)
    draft.update(s.DOMAIN.domid, () => ({
      pagingPreempt: { caller: paging.caller, op: paging.op, done: paging.done },
    }));
  return null;
};
