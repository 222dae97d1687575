import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S10',
  title: 'The slot changes while the update quiesces',
  says: 'The request has returned, the update waits. dom0 loads a kernel to reboot into, or unloads, or loads an older Xen: a freed image is run, or a kernel that knows no breadcrumb, or a Xen that this host was never compared with.',
  sources: ['S10', 'R10', 'F1.11', 'F1.12'],
  drop: ['R10'],
  violates: 'R10',
  start: () => ({ host: hostOf(['pv']) }),
  events: [
    { type: 'kexec.load_default', build: null, commandLine: 'vmlinuz' },
    { type: 'kexec.unload' },
  ],
  order: 'fair',
});
