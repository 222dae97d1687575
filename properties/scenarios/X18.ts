import { domainAt } from '../../src/host/build/draft.ts';
import { mapIoreqServerGfns } from '../../src/host/build/p2m.ts';
import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X18',
  title: 'A P2M type that leads to no server',
  says: 'Pages of a guest have the type ioreq_server: writes to them go to one device model. The entries are memory and stay; which server it was is lost.',
  derived: true,
  sources: ['F8.20', 'section 11 rule 14'],
  drop: ['F8.20.ioreq'],
  violates: 'I8.2',
  start: () => ({
    host: emulatedGuest((draft) => {
      mapIoreqServerGfns(draft, domainAt(draft, 1), 0, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
