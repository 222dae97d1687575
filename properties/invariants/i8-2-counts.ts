import type { XenVersion } from '../../src/design/versions.ts';
import { P2M_TYPE } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import { FLAG, frameCount } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { isPageTable, pageTypeName } from '../../src/host/page-type.ts';
import { deriveDomainRefs, forEachP2mEntry } from '../../src/host/references.ts';
import { invariant, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { countsOf, ownedBy } from '../support/derived.ts';
import { domainName, frameName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const auditFrames = (a: Audit, host: Host, version: XenVersion): void => {
  const { owner, flags, typeCount, generalCount } = host.xen.frames;
  const derived = countsOf(host, version.countRules);
  const frames = frameCount(host.xen.frames);
  a.count(owner.length);
  for (let f = 0; f < frames; f++) {
    const flag = flags[f] as number;
    const nobodys = (flag & (FLAG.reserved | FLAG.free)) !== 0;
    const general = nobodys ? 0 : (derived.general[f] as number);
    const types = nobodys ? 0 : (derived.typeCount[f] as number);
    const [storedGeneral, storedTypes] = [generalCount[f] as number, typeCount[f] as number];
    if (storedGeneral !== general)
      a.offend(
        () => frameName(f),
        () => `count ${storedGeneral}, references ${general}`,
      );
    if (storedTypes !== types)
      a.offend(
        () => frameName(f),
        () => `type count ${storedTypes}, references ${types}`,
      );
    const type = flag & FLAG.typeMask;
    const wanted = derived.type[f] as number;
    if (types > 0 && type !== wanted)
      a.offend(
        () => frameName(f),
        () => `is ${pageTypeName(type)}, its references want ${pageTypeName(wanted)}`,
      );
    // A table without a type reference must have lost its validation, and its entries theirs.
    if (storedTypes === 0 && (flag & FLAG.validated) !== 0 && isPageTable(type))
      a.offend(
        () => frameName(f),
        () => `validated as ${pageTypeName(type)} without a reference`,
      );
  }
};

/** Entries of the P2M that Xen counts beside it (F8.20). */
const auditP2m = (a: Audit, host: Host, d: Domain, version: XenVersion): void => {
  if (d.p2m === null) return;
  let foreign = 0;
  let ioreq = 0;
  forEachP2mEntry(host.hardware, d, (_gfn, _frame, type) => {
    if (type === P2M_TYPE.map_foreign) foreign++;
    if (type === P2M_TYPE.ioreq_server) ioreq++;
  });
  if (version.countsForeign && d.p2m.nrForeign !== foreign)
    a.offend(domainName(d.domid), `nr_foreign ${d.p2m.nrForeign}, foreign entries ${foreign}`);
  const entries = d.p2m.ioreqServer?.entries ?? 0;
  if (entries !== ioreq)
    a.offend(domainName(d.domid), `ioreq entry_count ${entries}, entries ${ioreq}`);
};

const auditDomains = (a: Audit, host: Host, version: XenVersion): void => {
  const owned = ownedBy(host);
  for (const d of domainsOf(host)) {
    a.count();
    const where = domainName(d.domid);
    const { tot, xenheap } = owned(d.domid);
    if (d.totPages !== tot) a.offend(where, `tot_pages ${d.totPages}, owns ${tot}`);
    if (d.xenheapPages !== xenheap)
      a.offend(where, `xenheap_pages ${d.xenheapPages}, owns ${xenheap}`);
    const refs = deriveDomainRefs(host, d);
    if (d.refcnt !== refs) a.offend(where, `refcnt ${d.refcnt}, holders ${refs}`);
    auditP2m(a, host, d, version);
  }
};

const audit = (host: Host, version: XenVersion): Verdict => {
  const a = new Audit();
  auditFrames(a, host, version);
  auditDomains(a, host, version);
  return a.verdict();
};

export default invariant({
  id: 'I8.2',
  title: 'Counts are the sum of their references',
  says:
    'General count, type count and type of each page are what its references make them, by the ' +
    'rules of the Xen that runs; so are tot_pages, xenheap_pages and the refcnt of each domain.',
  why:
    'A count too small frees a page that is in use; one too large never frees it. The rules ' +
    'differ between versions, so no count can be copied (R20).',
  sources: ['I8.2', 'R20', 'F2.14', 'F8.4', 'F8.5', 'F8.8', 'F8.20', 'S20', 'S21', 'S55'],
  host: audit,
  saved: audit,
});
