import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X37',
  title: 'A port that notifies another part of Xen',
  says: 'Which function a Xen-attached port calls is an index into a table of xen#1. Another Xen has its functions in another order, and the answer of an emulator wakes nobody.',
  derived: true,
  sources: ['F6.2', 'R19'],
  drop: ['F6.2.consumer'],
  violates: 'I6.6',
  start: () => ({ host: emulatedGuest() }),
  events: [],
  order: 'fair',
});
