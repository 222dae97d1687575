import { seal } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { emulatedGuest } from '../support/scenes.ts';
import { changeDomain } from '../support/tamper.ts';

export default mutant({
  id: 'B25',
  title: 'A server goes away after it was saved',
  says:
    'Between its record and the jump an IOREQ server is disabled: nothing holds it while it is ' +
    'part of a stream.',
  source: 'museum 25: lkml 2604.1/08999 (handler unloaded under a live session)',
  kills: ['FRZ-1'],
  start: () => ({ host: emulatedGuest() }),
  events: [],
  order: 'fair',
  actions: {
    seal: (u) =>
      changeDomain(seal(u), 1, (d) => ({
        ...d,
        ioreqServers: Object.fromEntries(
          Object.entries(d.ioreqServers).map(([id, s]) => [id, { ...s, enabled: false }]),
        ),
      })),
  },
});
