import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S55',
  title: 'A type reference that no map had',
  says: 'A writable host map of an HVM granter takes no type reference. Counted by the rule for PV granters, the page stays writable for ever.',
  sources: ['S55', 'F7.5'],
  drop: ['F7.5.type', 'R44'],
  violates: 'I8.2',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }), host: true });
    }),
  }),
  events: [],
  order: 'fair',
});
