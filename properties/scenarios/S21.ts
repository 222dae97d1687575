import { domainAt } from '../../src/host/build/draft.ts';
import { addPartialTable, addTable, setOldGuestTable } from '../../src/host/build/page-tables.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S21',
  title: 'Counts copied from before XSA-299',
  says: 'xen#1 holds no general reference for a partial entry, xen#2 expects one: copied counts are one short, and the page is freed while a page table still names it.',
  sources: ['S21', 'R20', 'F8.8', 'Q6'],
  drop: ['R20', 'R44'],
  violates: 'I8.2',
  start: () => ({
    host: hostOf(
      ['pv'],
      (draft) => {
        const d = domainAt(draft, 1);
        const children = [0, 1].map(() => addTable(draft, d, 1, []));
        setOldGuestTable(
          draft,
          d,
          0,
          addPartialTable(draft, d, { level: 2, children, validated: 1 }),
        );
      },
      { version: '4.11', rules: { partialHoldsGeneralRef: false } },
    ),
    to: '4.17',
  }),
  events: [],
  order: 'fair',
});
