import { domainAt } from '../../src/host/build/draft.ts';
import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X15',
  title: 'A guest that can no longer be told to suspend',
  says: 'The tool stack had registered a port by which the end of a suspend is announced. Without it a migration after the update waits for a word that nobody sends.',
  derived: true,
  sources: ['F6.3', 'F2.24', 'F10.7'],
  drop: ['F6.3.suspend'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      const { a } = bindInterdomain(draft, 1, 0);
      domainAt(draft, 1).domain.events.suspendPort = a;
    }),
  }),
  events: [],
  order: 'fair',
});
