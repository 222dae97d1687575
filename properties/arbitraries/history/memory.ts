/** Memory: reservations, the physmap, and what guests write. */
import { numericKeys } from '../../../src/host/codec.ts';
import type { Domain } from '../../../src/host/domain.ts';
import type { Host } from '../../../src/host/host.ts';
import { entriesFor, FREE_GFNS, type Makers, pageOf, pick, untypedOf } from './choices.ts';

/** A page for the buffer of a memory_op, and the pages that are named in it. */
export const bufferOf = (h: Host, d: Domain, a: number, b: number) => ({
  at: pageOf(h, d, a),
  gfns: Array.from({ length: 1 + (b % 3) }, (_, i) => untypedOf(h, d, b + 8 * i)),
});

export const memoryMakers = {
  'memory.increase_reservation': (_h, _d, w) => ({ type: 'memory.increase_reservation', ...w }),
  'memory.populate_physmap': (h, d, w, [a, b]) => ({
    type: 'memory.populate_physmap',
    ...w,
    target: a % 4 === 0 ? pick(numericKeys(h.xen.domains), a, 0) : d.domid,
    gfn: 400 + (b % 300),
  }),
  'memory.decrease_reservation': (h, d, w, [a]) => ({
    type: 'memory.decrease_reservation',
    ...w,
    gfn: a % 2 === 0 ? pageOf(h, d, a) : FREE_GFNS + (a % 50),
  }),
  'memory.exchange': (h, d, w, [a]) => ({ type: 'memory.exchange', ...w, gfn: untypedOf(h, d, a) }),
  'memory.extents': (h, d, w, [a, b, c]) => ({
    type: 'memory.extents',
    ...w,
    command: a % 2 === 0 || d.type !== 'pv' ? 'decrease_reservation' : 'exchange',
    ...bufferOf(h, d, a, b),
    done: c % 4 === 0 ? b % 3 : null,
  }),
  'memory.add_to_physmap': (h, d, w, [a, b, c]) => {
    const foreign = pick(numericKeys(h.xen.domains), a, 0);
    const other = h.xen.domains[foreign];
    const space = pick(
      ['shared_info', 'grant_table', 'grant_status', 'gmfn_foreign'] as const,
      c,
      'shared_info',
    );
    return {
      type: 'memory.add_to_physmap',
      ...w,
      gfn: b % 3 === 0 ? pageOf(h, d, b) : FREE_GFNS + (b % 50),
      space,
      index: space === 'gmfn_foreign' && other !== undefined ? pageOf(h, other, b) : a % 3,
      foreign,
    };
  },
  'memory.remove_from_physmap': (h, d, w, [a]) => ({
    type: 'memory.remove_from_physmap',
    ...w,
    gfn: a % 2 === 0 ? pageOf(h, d, a) : FREE_GFNS + (a % 50),
  }),
  'guest.write': (h, d, w, [a, b]) => ({
    type: 'guest.write',
    ...w,
    gfn: pageOf(h, d, a),
    value: b,
  }),
  'guest.write-table': (h, d, w, [a, b]) => ({
    type: 'guest.write-table',
    ...w,
    gfn: untypedOf(h, d, a),
    entries: entriesFor(h, d.domid, 1 + (b % 4), b),
  }),
} satisfies Partial<Makers>;
