import { addDomain } from '../../src/host/build/domain.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X10',
  title: 'Status frames of a grant table, made anew',
  says: 'The status words of a v2 grant table are in pages that the guest has mapped. xen#2 makes others: the guest reads its own until it ends, and Xen writes elsewhere.',
  derived: true,
  sources: ['F7.9', 'F7.1', 'I7.5'],
  drop: ['F7.9.status'],
  violates: 'I7.5',
  start: () => ({
    host: hostOf([], (draft) => {
      addDomain(draft, { type: 'pvh', pages: 16, grantVersion: 2 });
    }),
  }),
  events: [],
  order: 'fair',
});
