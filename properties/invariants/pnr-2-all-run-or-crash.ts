/** PNR-2: after the point of no return there is one good end. */
import { invariant, verdict } from '../invariant.ts';

export default invariant({
  id: 'PNR-2',
  title: 'after the jump every domain reaches xen#2',
  says:
    'An update that has passed the point of no return ends with all domains of the host ' +
    'on xen#2. A crash of xen#2 is the declared policy for an inconsistent state (R44); ' +
    'for a host that was consistent it is the loss of every guest.',
  why: 'There is no xen#1 left to go back to.',
  sources: ['R44', 'Q8', 'museum PNR-2'],
  afterCrash: true,
  update: ({ before, after, outcome }) => {
    const domids = Object.keys(before.xen.domains);
    if (outcome === 'crashed')
      return verdict(
        domids.length,
        domids.map((id) => ({ where: `d${id}`, what: 'lost: xen#2 crashed' })),
      );
    // A domain that was freed meanwhile, its teardown finished, is not lost (F2.15).
    const lost = domids.filter(
      (id) => before.xen.domains[Number(id)]?.dying === 'alive' && !(id in after.xen.domains),
    );
    return verdict(
      domids.length,
      lost.map((id) => ({ where: `d${id}`, what: 'does not exist on xen#2' })),
    );
  },
});
