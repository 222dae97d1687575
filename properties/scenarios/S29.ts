import { loadKexec } from '../../src/host/build/system.ts';
import { encodeBreadcrumb } from '../../src/liveupdate/breadcrumb.ts';
import { formatLiveUpdate } from '../../src/liveupdate/command-line.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S29',
  title: 'Words in bootmem that look like a breadcrumb',
  says: 'The machine reboots into a Xen whose command line names bootmem, as kexec(8) copies it, and no update is meant. Without the magic, any three aligned words that lie there pass for a breadcrumb, and xen#2 restores what is no stream.',
  sources: ['S29', 'R32', 'F1.1', 'F1.6'],
  drop: ['R32'],
  violates: 'BOOT-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { start } = draft.xen.bootmem;
      // What is left of any old data: aligned as a breadcrumb would be.
      const data = encodeBreadcrumb({ arrayFrame: 5, pages: 1 }, false);
      draft.hardware.content[start] = { kind: 'bytes', data };
      const commandLine = formatLiveUpdate(draft.xen.bootmem);
      loadKexec(draft, 'default', { build: draft.xen.build, commandLine });
    }),
  }),
  events: [{ type: 'kexec.exec' }],
  order: 'fair',
});
