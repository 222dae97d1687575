import { buildHost } from '../../src/host/build/build-host.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X31',
  title: 'A breadcrumb that is found twice',
  says: 'The update is over and its breadcrumb is left where it was, magic and all. Later the machine reboots normally, and the next Xen looks for a stream in pages that long belong to others.',
  derived: true,
  sources: ['R32', 'S29', 'F1.17'],
  drop: ['R32.once'],
  violates: 'BOOT-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [
    {
      type: 'kexec.load_default',
      build: buildHost().xen.build,
      commandLine: 'liveupdate=2M@0x200000',
    },
    { type: 'kexec.exec' },
  ],
  order: 'fair',
  updates: 2,
});
