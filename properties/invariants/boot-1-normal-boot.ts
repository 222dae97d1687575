import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';

const watch = (): Watcher => {
  const a = new Audit();
  let normal = false;
  return {
    see: ({ type, phase }) => {
      if (type === 'kexec.exec') normal = true;
      if (type !== 'xen2.map-stream') return;
      a.count();
      // Where a normal boot goes on as a restore, it took something for a stream.
      if (normal && phase !== 'idle')
        a.offend('host', 'a Xen booted normally found a stream to restore');
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'BOOT-1',
  title: 'A Xen that is booted normally restores nothing',
  says: 'After a reboot that is no update, xen#2 takes nothing in bootmem for a breadcrumb.',
  why:
    'Memory keeps its contents over a reboot. What an earlier update left there, or any three ' +
    'aligned words, would bring domains back that are long gone, or stop the machine (S29).',
  sources: ['R32', 'F1.1', 'F1.7', 'S29'],
  afterCrash: true,
  watch,
});
