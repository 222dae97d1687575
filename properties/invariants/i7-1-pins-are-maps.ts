import { numericEntries } from '../../src/host/codec.ts';
import { noPins, type PinCounts } from '../../src/host/grant-table.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { describePins, pinsByGrant, samePins } from '../support/grants.ts';
import { grantName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const audit = (host: Host): Verdict => {
  const a = new Audit();
  const mapped = pinsByGrant(host);
  for (const d of domainsOf(host)) {
    const own = mapped.get(d.domid) ?? new Map<number, PinCounts>();
    for (const [ref, active] of numericEntries(d.grants.active)) {
      a.count();
      const expected = own.get(ref) ?? noPins;
      if (!samePins(active.pins, expected))
        a.offend(
          grantName(d.domid, ref),
          `pins ${describePins(active.pins)}, handles make ${describePins(expected)}`,
        );
    }
    for (const [ref, pins] of own) {
      if (d.grants.active[ref] !== undefined) continue;
      a.count();
      a.offend(grantName(d.domid, ref), `not active, handles make ${describePins(pins)}`);
    }
  }
  for (const [domid, own] of mapped)
    if (host.xen.domains[domid] === undefined)
      for (const ref of own.keys()) a.offend(grantName(domid, ref), 'mapped, but no such domain');
  return a.verdict();
};

export default invariant({
  id: 'I7.1',
  title: 'Pin counters are the sum of the handles that map',
  says:
    'Each of the four pin counters of an active entry is the number of maptrack entries, over ' +
    'all domains, that map it in that way: host or device, read-only or writable.',
  why:
    'A pin too few lets the granter take the page back while it is still mapped; a pin too many ' +
    'and it never gets it back.',
  sources: ['I7.1', 'F7.3', 'F7.5', 'F7.6', 'S52'],
  host: audit,
  saved: audit,
});
