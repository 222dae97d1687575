import { noPins, pinTotal } from '../../src/host/grant-table.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { describePins, grantStatus } from '../support/grants.ts';
import { grantName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const describe = (reading: boolean, writing: boolean): string =>
  [reading ? 'reading' : '', writing ? 'writing' : ''].filter(Boolean).join(' and ') || 'neither';

export default invariant({
  id: 'I7.3',
  title: 'Guests see as in use what is in use',
  says:
    'The reading bit of a grant is set if and only if it is pinned, the writing bit if and only ' +
    'if it is pinned writable by a host or a device map.',
  why:
    'A granter whose bits are clear takes the page back and uses it for something else, while ' +
    'it is still mapped.',
  sources: ['I7.3', 'F7.2', 'F7.5', 'F7.6', 'S52'],
  host: (host) => {
    const a = new Audit();
    for (const d of domainsOf(host))
      for (const [ref, status] of grantStatus(host, d)) {
        a.count();
        const pins = d.grants.active[ref]?.pins ?? noPins;
        const reading = pinTotal(pins) > 0;
        const writing = pins.hstw + pins.devw > 0;
        if (status.reading !== reading || status.writing !== writing)
          a.offend(
            grantName(d.domid, ref),
            `shows ${describe(status.reading, status.writing)}, pins ${describePins(pins)}`,
          );
      }
    return a.verdict();
  },
});
