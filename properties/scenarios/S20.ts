import { domainAt } from '../../src/host/build/draft.ts';
import { addPartialTable, addTable, setOldGuestTable } from '../../src/host/build/page-tables.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S20',
  title: 'A copied count on a half-invalidated page table',
  says: 'An unpin was interrupted and left a partial table with an extra reference in old_guest_table. xen#2 drops both, but the copied count still has the reference: the page is never freed.',
  sources: ['S20', 'Q6', 'R20', 'F3.5', 'F8.7'],
  drop: ['R20', 'R44'],
  violates: 'I8.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const d = domainAt(draft, 1);
      const children = [0, 1].map(() => addTable(draft, d, 1, []));
      setOldGuestTable(
        draft,
        d,
        0,
        addPartialTable(draft, d, { level: 2, children, validated: 1 }),
      );
    }),
  }),
  events: [],
  order: 'fair',
});
