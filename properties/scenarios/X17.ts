import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X17',
  title: 'IOREQ servers with new ports',
  says: 'The server is made again as for a new device model and takes the lowest free ports. The slots name the old ones, so every access is a bad event channel and goes unhandled.',
  derived: true,
  sources: ['F9.4', 'section 11 rule 13'],
  drop: ['F9.4.ports'],
  violates: 'I9.2',
  start: () => ({ host: emulatedGuest() }),
  events: [],
  order: 'fair',
});
