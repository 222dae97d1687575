import { addDomain } from '../../src/host/build/domain.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S56',
  title: 'A grant table that xen#2 may not make',
  says: 'The command line of xen#2 allows v1 grant tables only. A guest with a v2 table cannot be created again, which shows after the point of no return.',
  sources: ['S56', 'R9', 'F2.3', 'F7.1', 'Q7'],
  drop: ['R9.refuse'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf([], (draft) => {
      addDomain(draft, { type: 'pvh', pages: 16, grantVersion: 2 });
    }),
    image: { gnttabMaxVersion: 1 },
  }),
  events: [],
  order: 'fair',
});
