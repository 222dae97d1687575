import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';

/** The image in the slot when the update was asked for, and at every step until the jump. */
const watch = (): Watcher => {
  const a = new Audit();
  let checked: object | null = null;
  let told = false;
  return {
    see: ({ type, host, phase }) => {
      if (phase !== 'quiescing' && phase !== 'saving') {
        if (phase === 'idle') checked = null;
        return;
      }
      const now = host.xen.system.kexec.default;
      checked ??= now;
      a.count();
      if (now === checked || told) return;
      told = true;
      const what = now === null ? 'is gone' : `became ${now.build?.version ?? 'another kernel'}`;
      a.offend('host', `the image in the kexec slot ${what} by ${type}, after it was checked`);
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'R10',
  title: 'The image that was checked is the one that is booted',
  says: 'From the request to the jump the image in the kexec slot stays the same one.',
  why:
    'The update happens later than the request (R13). An image that came meanwhile was compared ' +
    'with nothing, and one that went is still jumped to (S10).',
  sources: ['R10', 'F1.11', 'F1.12', 'S10'],
  afterCrash: true,
  watch,
});
