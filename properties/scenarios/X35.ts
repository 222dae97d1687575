import { domainAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X35',
  title: 'Log-dirty marks that nobody reads',
  says: 'A live migration has turned log-dirty mode on. The marks are in the P2M and stay; that they are wanted is in Xen. Written pages are then not sent again.',
  derived: true,
  sources: ['F8.23', 'F8.18', 'R43'],
  drop: ['F8.23.logdirty'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      Object.assign(domainAt(draft, 1).domain.p2m ?? {}, { logDirty: true });
    }),
  }),
  events: [],
  order: 'fair',
});
