import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

export default invariant({
  id: 'R5',
  title: 'Quiescing takes no host down',
  says: 'The machine does not go down before the jump: no domain is expected to take part.',
  why:
    'Until the point of no return an update may only be refused. A primitive that tells the ' +
    'hardware domain to shut down stops or reboots the machine (F2.23).',
  sources: ['R3', 'R5', "R12'", 'PNR-1', 'F2.23', 'S2'],
  afterCrash: true,
  update: ({ before, after, outcome }) => {
    const a = new Audit();
    for (const d of domainsOf(before)) {
      a.count();
      if (outcome === 'crashed' && after.xen.instance === before.xen.instance)
        a.offend(domainName(d.domid), 'lost: the machine went down while xen#1 quiesced');
    }
    return a.verdict();
  },
});
