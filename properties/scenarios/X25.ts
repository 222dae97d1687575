import { domainAt } from '../../src/host/build/draft.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { contentAt } from '../../src/host/build/memory.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X25',
  title: 'A grant entry that was changed while it is mapped',
  says: 'The granter writes another frame into an entry that dom0 has mapped. Xen goes by the frame of the first pin; a save that reads the entry again pins a page that nobody has mapped.',
  derived: true,
  sources: ['F7.3', 'I7.2'],
  drop: ['F7.3.frame', 'R44'],
  violates: 'I7.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const ref = offerGrant(draft, 1, { to: 0 });
      mapGrant(draft, 0, { granter: 1, ref });
      const [d0, d1] = [domainAt(draft, 0), domainAt(draft, 1)];
      const page = contentAt(draft, d1.domain.grants.frames[0] as number, 'grant-v1');
      Object.assign(page.entries[ref] ?? {}, { frame: d0.pages[15] });
    }),
  }),
  events: [],
  order: 'fair',
});
