/** What the host says of a destroydomain: who comes back to it, and what holds a zombie (F4). */
import { numericEntries } from '../../src/host/codec.ts';
import { DOMCTL, HYPERVISOR } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { pinTotal } from '../../src/host/grant-table.ts';
import { hostOf } from '../../src/liveupdate/update.ts';
import type { Saying } from '../../src/world/chart.ts';
import {
  domainAt,
  isBeingMade,
  ofDomain,
  type DomainPlace as Place,
} from '../../src/world/look.ts';
import type { World } from '../../src/world/world.ts';
import { teardownSays } from './teardown.ts';

type Says = Saying<Place>;

/** Does a vCPU stand at destroydomain of this domain, to enter it again (F4.1)? */
const isReentered: Says = (world, { domid }) =>
  numericEntries(hostOf(world).xen.domains).some(([, d]) =>
    d.vcpus.some(
      ({ registers: r }) =>
        r.atHypercall &&
        r.rax === HYPERVISOR.domctl &&
        r.rdi === DOMCTL.destroydomain &&
        r.rsi === domid,
    ),
  );

/** What holds a zombie; the first that applies (F2.14, F2.16). */
const holderOf = (d: Domain): string => {
  if (d.totPages === 0 && d.xenheapPages === 0) return 'others';
  const granted = numericEntries(d.grants.active).some(([, a]) => pinTotal(a.pins) > 0);
  return granted ? 'grants' : 'mappings';
};
const heldBy = (holder: string): Says =>
  ofDomain((d) => d.dying === 'dead' && holderOf(d) === holder);

const isInList = (world: World, of: Place): boolean => domainAt(world, of) !== undefined;

/** What the host says while the chart is in the state that bears the name. */
export const destroyDomainSays = {
  ...teardownSays,
  untouched: (w, of) => {
    const d = domainAt(w, of);
    return d === undefined || isBeingMade(w, of.domid) || d.dying === 'alive';
  },
  made: ofDomain((d) => d.dying === 'alive'),
  reentered: (w, of) => teardownSays.dying(w, of) && isReentered(w, of),
  unattended: (w, of) => teardownSays.dying(w, of) && !isReentered(w, of),
  granted: heldBy('grants'),
  mapped: heldBy('mappings'),
  heldOtherwise: heldBy('others'),
  out: (w, of) => !isInList(w, of),
} satisfies Readonly<Record<string, Says>>;
