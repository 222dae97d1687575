import type { XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { explainFrame } from '../../src/host/references.ts';
import { invariant, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { countsOf } from '../support/derived.ts';
import { frameName } from '../support/names.ts';

/** Holders of a page that are worth naming. */
const MAX_HOLDERS = 6;

const audit = (host: Host, version: XenVersion): Verdict => {
  const a = new Audit();
  const { typeCount, conflicts } = countsOf(host, version.countRules);
  for (let f = 0; f < typeCount.length; f++) if (typeCount[f] !== 0) a.count();
  conflicts.forEach((f, i) => {
    // Naming holders walks all references, so only the first page gets it.
    const holders =
      i === 0
        ? `: ${explainFrame(host, version.countRules, f)
            .filter((text) => text.endsWith('type'))
            .slice(0, MAX_HOLDERS)
            .join('; ')}`
        : '';
    a.offend(frameName(f), `is held as two types at once${holders}`);
  });
  return a.verdict();
};

export default invariant({
  id: 'I8.5',
  title: 'No page is writable and a page table at once',
  says: 'All type references to a page ask for the same type.',
  why: 'A guest that can write its own page tables can map any page of the machine.',
  sources: ['I8.5', 'F8.3', 'F8.5'],
  host: audit,
  saved: audit,
});
