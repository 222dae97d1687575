/** The end of pass 2: life, pauses, shutdown; only now may a domain be dying again (rule 11). */
import { SHUTDOWN_CODE_INVALID } from '../../host/constants.ts';
import type { Pauser } from '../../host/domain.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import type { RestoreDraft } from './draft.ts';

export const restoreDomainState = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const st = s.DOMAIN_STATE;
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
      teardown: { phase: st.dying === 'dead' ? 'done' : 'none' },
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
