import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X26',
  title: 'Pinned tables without their pins',
  says: 'A guest keeps page tables pinned that no cr3 holds. After the update they are plain pages: the next unpin is an error, and the guest may write to what it had made a table.',
  derived: true,
  sources: ['F8.5', 'I8.2'],
  drop: ['F8.5.pin'],
  violates: 'PIN-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
