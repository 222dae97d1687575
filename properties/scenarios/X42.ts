import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X42',
  title: 'A request that the guest never made',
  says: 'xen#2 marks the slots of an IOREQ server as sent. The emulator carries out requests that no vCPU waits for.',
  derived: true,
  sources: ['F9.1', 'I9.2'],
  drop: ['F9.1.slots'],
  violates: 'I9.2',
  start: () => ({ host: emulatedGuest() }),
  events: [],
  order: 'fair',
});
