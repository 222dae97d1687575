import { loadKexec } from '../../src/host/build/system.ts';
import { hostOf as hostOfUpdate, unload } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B18',
  title: 'Unload takes the image of another type',
  says: 'kexec --unload of the Live Update image empties the slot of the crash kernel.',
  source: 'museum 18: kexec-tools 85721bd (unload and status used the wrong image type)',
  kills: ['PNR-1'],
  start: () => ({ host: hostOf([], (draft) => loadKexec(draft, 'crash')) }),
  events: [{ type: 'kexec.unload' }],
  order: 'fair',
  actions: {
    unload: (u) => {
      const { xen, hardware } = hostOfUpdate(u);
      const kexec = { default: xen.system.kexec.default, crash: null };
      return {
        ...unload(u),
        host: { hardware, xen: { ...xen, system: { ...xen.system, kexec } } },
      };
    },
  },
});
