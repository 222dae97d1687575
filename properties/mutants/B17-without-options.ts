import { load } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B17',
  title: 'An update without options of its own is never tried',
  says:
    'With a command line of its own xen#2 is told where its bootmem is. Without one the line is ' +
    'taken from elsewhere, and the place is not appended. It was so for 21 months.',
  source: 'museum 17: xen 7110192b1d (hunk missing: update without an explicit binary)',
  kills: ['PNR-2'],
  start: () => ({ host: hostOf(['pv']), commandLine: '' }),
  events: [],
  order: 'fair',
  actions: {
    load: (u, e) => {
      if (e.type !== 'kexec.load') return u;
      const loaded = load(u, e);
      const image = loaded.host?.xen.system.kexec.default;
      if (e.commandLine !== '' || loaded.host === null || image == null) return loaded;
      const { system } = loaded.host.xen;
      const kexec = { ...system.kexec, default: { ...image, commandLine: 'console=com1' } };
      return {
        ...loaded,
        host: { ...loaded.host, xen: { ...loaded.host.xen, system: { ...system, kexec } } },
      };
    },
  },
});
