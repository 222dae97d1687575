import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X39',
  title: 'A grant in use that looks free',
  says: 'Reading and writing bits are in memory that the granter sees. A restore that begins with none set tells it that the page is its own again, while dom0 has it mapped.',
  derived: true,
  sources: ['F7.2', 'I7.3'],
  drop: ['F7.2.status'],
  violates: 'I7.3',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
    }),
  }),
  events: [],
  order: 'fair',
});
