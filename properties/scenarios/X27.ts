import { domainAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X27',
  title: 'A monitored guest that goes on unmonitored',
  says: 'vm_event watches a guest, which no record carries. The update goes through, and the guest runs on with nobody watching.',
  derived: true,
  sources: ['F13.7', 'Q7'],
  drop: ['F13.7.unsupported'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      domainAt(draft, 1).domain.unsupported.push('vm_event');
    }),
  }),
  events: [],
  order: 'fair',
});
