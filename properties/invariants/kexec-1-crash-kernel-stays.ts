import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';

const watch = (): Watcher => {
  const a = new Audit();
  let loaded = false;
  let told = false;
  return {
    see: ({ type, host, phase }) => {
      const now = host.xen.system.kexec.crash !== null;
      if (type === 'start') loaded = now;
      a.count();
      // xen#2 has it again when everything is verified.
      if (phase === 'jumped' || phase === 'restoring') return;
      if (!loaded || now || told) return;
      told = true;
      a.offend('host', `no crash kernel is loaded any more, from ${type} on`);
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'KEXEC-1',
  title: 'A crash kernel that is loaded stays loaded',
  says: 'Where a crash kernel was loaded before the update, one is loaded until the jump and after.',
  why:
    'It is wanted most while an update may go wrong. Where both share one region, loading xen#2 ' +
    'takes its place, also if the update is then refused (Q15).',
  sources: ['Q15', 'F1.8', 'F13.7', 'R16'],
  watch,
});
