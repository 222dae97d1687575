import { diffHosts } from '../../src/host/diff.ts';
import type { Host } from '../../src/host/host.ts';
import { ACROSS_UPDATE } from '../../src/host/may-change.ts';
import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { placeOf, valueText } from '../support/differences.ts';

const watch = (): Watcher => {
  const a = new Audit();
  let frozen: Host | null = null;
  let told = false;
  return {
    see: ({ type, host, phase }) => {
      if (phase !== 'saving') {
        frozen = null;
        return;
      }
      frozen ??= host;
      a.count();
      if (told || host === frozen) return;
      // The stream goes into frames of nobody; all that has an owner stays.
      for (const d of diffHosts(frozen, host, { mayChange: ACROSS_UPDATE })) {
        told = true;
        a.offend(placeOf(d), `${valueText(d.before)} -> ${valueText(d.after)} by ${type}`);
      }
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'FRZ-1',
  title: 'Nothing changes between the save and the jump',
  says:
    'From the first record to the jump no domain, no page that has an owner and no record of ' +
    "Xen's changes.",
  why: 'A record that was written already would be wrong, and nobody would know (R2, R4).',
  sources: ['FRZ-1', 'R2', 'R4', 'F1.10'],
  afterCrash: true,
  watch,
});
