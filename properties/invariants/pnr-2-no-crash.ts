import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const judgeOutcome = ({ before, saved, after, outcome }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(saved)) {
    a.count();
    if (outcome === 'crashed') a.offend(domainName(d.domid), 'lost: xen#2 stopped the machine');
    else if (after.xen.domains[d.domid] === undefined)
      a.offend(domainName(d.domid), 'is not on xen#2');
    else if (after.xen.instance === before.xen.instance)
      a.offend(domainName(d.domid), 'still on xen#1, though the update is over');
  }
  for (const d of domainsOf(after))
    if (outcome === 'resumed' && saved.xen.domains[d.domid] === undefined)
      a.offend(domainName(d.domid), 'was on no Xen before');
  return a.verdict();
};

export default invariant({
  id: 'PNR-2',
  title: 'Past the point of no return all domains arrive',
  says:
    'After the jump every domain that was saved is on xen#2 at the end, and no other. A crash of ' +
    'xen#2 takes all of them with it.',
  why: 'There is no way back (F1.10): what can fail must fail before the jump.',
  sources: ['PNR-2', 'R8', 'R44', 'Q8', 'S39', 'S61'],
  afterCrash: true,
  update: judgeOutcome,
});
