import { lacksOnlyMove, pagingOpText } from '../../src/host/domain.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const audit = ({ saved, design }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(saved)) {
    a.count();
    const where = domainName(d.domid);
    const carried = design.policies.Q3 === 'shell' || design.policies.Q3 === 'exact';
    if (d.dying === 'dying' && !carried && !lacksOnlyMove(d))
      a.offend(where, `saved in destroydomain, at ${d.teardown.phase}`);
    if (design.policies.Q4 === 'finish' && d.events.nextEvtchn !== 0)
      a.offend(where, `saved in EVTCHNOP_reset, at port ${d.events.nextEvtchn}`);
    if (design.policies.Q5 === 'finish' && d.pagingPreempt !== null)
      a.offend(where, `saved in a ${pagingOpText(d.pagingPreempt.op)}`);
  }
  return a.verdict();
};

export default invariant({
  id: 'BND-1',
  title: 'No long operation is half done at the save',
  says:
    'When the save begins no domain is in the middle of destroydomain, and none is in the middle ' +
    'of a reset of its event channels or of a paging_domctl, unless the design carries it. A ' +
    'domain that lacks only its move to cpupool0 counts as torn down.',
  why:
    'How far such an operation has come is a number of one version of Xen (F2.9, F2.10), or a ' +
    'pointer (F3.11): another Xen cannot go on from there.',
  sources: ['BND-1', 'R12', 'R45', 'F4.4', 'F4.5', 'F5.6', 'F9.9', 'Q3', 'Q4', 'Q5'],
  afterCrash: true,
  update: audit,
});
