import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X34',
  title: 'A guest that dies with a request in flight (control)',
  says: 'The tool stack destroys an HVM guest while its emulator works on a request. Nobody will complete that, and nobody has to: it must not keep an update waiting.',
  derived: true,
  sources: ['F4.3', 'F9.6', 'S34'],
  violates: null,
  start: () => ({ host: emulatedGuest() }),
  events: [
    { type: 'ioreq.send', domid: 1, vcpu: 0, server: 0, addr: 0x60, write: true },
    { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 },
  ],
  order: 'fair',
});
