import { domainAt } from '../../src/host/build/draft.ts';
import { addLinearEntry, addPinnedTable } from '../../src/host/build/page-tables.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X9',
  title: 'A linear page table whose target no pin holds',
  says: 'A pinned L2 has an entry to another L2 that only the guest’s L3 holds. Told of pinned tables alone, xen#2 takes that entry for one to an L1, and refuses the table.',
  derived: true,
  sources: ['F8.6', 'section 11 rule 9'],
  drop: ['F8.6.levels'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const d = domainAt(draft, 1);
      addLinearEntry(draft, addPinnedTable(draft, d, 2), d.tables[2][0] as number);
    }),
  }),
  events: [],
  order: 'fair',
});
