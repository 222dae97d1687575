import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X40',
  title: 'A page table that its guest may write',
  says: 'Entries that map page tables come back writable. A guest that writes to its own tables maps what it likes.',
  derived: true,
  sources: ['F8.3', 'I8.5'],
  drop: ['F8.3.writable', 'R44'],
  violates: 'I8.5',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
