import { keeps } from '../../src/design/design.ts';
import { contradiction } from '../../src/liveupdate/restore/verify.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

/** Does the design say that xen#2 stops here: at a fault that xen#1's own state had already (Q8)? */
const isDeclared = ({ design, from, saved }: UpdateEvidence): boolean =>
  design.policies.Q8 === 'crash' && keeps(design, 'R44') && contradiction(saved, from) !== null;

const judgeOutcome = (evidence: UpdateEvidence): Verdict => {
  const { before, saved, after, outcome } = evidence;
  const a = new Audit();
  const declared = outcome === 'crashed' && isDeclared(evidence);
  for (const d of domainsOf(saved)) {
    a.count();
    if (declared) continue;
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
    'xen#2 takes all of them with it, and is allowed where the design declares it alone: under ' +
    'Q8 = crash, if the state that xen#1 saved contradicted itself already.',
  why:
    'There is no way back (F1.10): what can fail must fail before the jump. A crash that the ' +
    'restore causes is nobody’s policy.',
  sources: ['PNR-2', 'R8', 'R44', 'Q8', 'S39', 'S61'],
  afterCrash: true,
  update: judgeOutcome,
});
