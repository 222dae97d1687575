import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X46',
  title: 'An M2P that is written anew',
  says: 'The frames of the M2P stay, its entries are built from ownership. Pages that Xen shares have none, and those of guests are guessed.',
  derived: true,
  sources: ['F8.15', 'I8.3', 'R42'],
  drop: ['F8.15.m2p-content'],
  violates: 'I8.3',
  start: () => ({ host: hostOf(['hvm']) }),
  events: [],
  order: 'fair',
});
