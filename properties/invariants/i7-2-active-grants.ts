import { numericEntries } from '../../src/host/codec.ts';
import { DOMID_COW, DOMID_IO } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { FLAG, frameCount, generalCountOf, hasFlag, ownerOf } from '../../src/host/frame-table.ts';
import { type ActiveGrant, pinTotal } from '../../src/host/grant-table.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, frameName, grantName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

/** Who maps each grant, by granter and reference as "granter/ref". */
const mappersOf = (host: Host): ReadonlyMap<string, ReadonlySet<number>> => {
  const all = new Map<string, Set<number>>();
  for (const d of domainsOf(host))
    for (const [, map] of numericEntries(d.grants.maptrack)) {
      const key = `${map.granter}/${map.ref}`;
      all.set(key, (all.get(key) ?? new Set()).add(d.domid));
    }
  return all;
};

/** The page of an active grant: whose it is, and whether it is held. */
const frameFault = (host: Host, d: Domain, active: ActiveGrant): string | null => {
  const { frames } = host.xen;
  const { frame } = active;
  // MMIO granted by the hardware domain: no page_info, no references (F7.5).
  if (frame >= frameCount(frames) || hasFlag(frames, frame, FLAG.reserved)) return null;
  const owner = ownerOf(frames, frame);
  const granter = active.transitive?.domid ?? d.domid;
  if (owner !== granter && owner !== DOMID_IO && owner !== DOMID_COW)
    return `${frameName(frame)} is owned by ${domainName(owner)}`;
  const held = pinTotal(active.pins) + (hasFlag(frames, frame, FLAG.allocated) ? 1 : 0);
  const count = generalCountOf(frames, frame);
  return count < held ? `${frameName(frame)} counts ${count}, pins and owner hold ${held}` : null;
};

const audit = (host: Host): Verdict => {
  const a = new Audit();
  const mappers = mappersOf(host);
  for (const d of domainsOf(host))
    for (const [ref, active] of numericEntries(d.grants.active)) {
      if (pinTotal(active.pins) === 0) continue;
      a.count();
      const where = grantName(d.domid, ref);
      const fault = frameFault(host, d, active);
      if (fault !== null) a.offend(where, fault);
      for (const mapper of mappers.get(`${d.domid}/${ref}`) ?? [])
        if (mapper !== active.domid)
          a.offend(
            where,
            `granted to ${domainName(active.domid)}, mapped by ${domainName(mapper)}`,
          );
    }
  return a.verdict();
};

export default invariant({
  id: 'I7.2',
  title: 'A pinned grant holds a page of its granter',
  says:
    'The frame of an active entry with pins is owned by the granter, its count has room for the ' +
    'pins, and only the grantee has mapped it.',
  why:
    "Otherwise a page is mapped that is somebody else's by now; and an unmap for a granter that " +
    'is unknown crashes the domain that unmaps (F7.6).',
  sources: ['I7.2', 'R8', 'F7.3', 'F7.5', 'F7.6', 'S30'],
  host: audit,
});
