import { columns } from '../../schema/bulk.ts';
import { checked, struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { FRAME_LIMIT } from '../fields.ts';

/** Page types in bits 0-3 of a run's kind: public/domctl.h, XEN_DOMCTL_PFINFO (F10.4). */
export const PFINFO = { NOTAB: 0, L1TAB: 1, L2TAB: 2, L3TAB: 3, L4TAB: 4, BROKEN: 0xd } as const;
/** Set with L1TAB to L4TAB: the guest pinned the table. */
export const PFINFO_PINNED = 8;
export const PFINFO_MASK = 0xf;

/** Further bits of a run's kind. */
export const PAGE_KIND = {
  /** Not in the domain's allowance: extra (F8.10), or a P2M table, which P2M names (F8.22). */
  extra: 0x10,
  /** The dying owner has given it up; it lives by the references of others (F2.11, F2.16). */
  released: 0x20,
} as const;

const KNOWN = new Set([0, 1, 2, 3, 4, 9, 10, 11, 12, 0xd]);
const KIND_BITS = PFINFO_MASK | PAGE_KIND.extra | PAGE_KIND.released;

interface Runs {
  readonly start: Uint32Array;
  readonly count: Uint32Array;
  readonly kind: Uint8Array;
}

/** Are the runs ascending, apart, not empty, in memory, and of known kinds? */
const lawful = ({ start, count, kind }: Runs): boolean => {
  let end = 0;
  for (let i = 0; i < start.length; i++) {
    const from = start[i] as number;
    const frames = count[i] as number;
    const bits = kind[i] as number;
    if (frames === 0 || from < end || from + frames > FRAME_LIMIT) return false;
    if (!KNOWN.has(bits & PFINFO_MASK) || (bits & ~KIND_BITS) !== 0) return false;
    end = from + frames;
  }
  return true;
};

export const PAGES = defineRecord({
  name: 'PAGES',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      "The domain's ordinary pages as runs of frames of one kind, ascending. A kind is " +
      'the PFINFO type in bits 0-3, bit 4 for extra pages, bit 5 for pages that their ' +
      'dying owner has released.',
    why:
      'Owner, page-table level and pin are what xen#2 takes over of the frame table; ' +
      'counts it makes itself.',
    sources: ['R20', 'R22', 'R38', 'F8.5', 'F8.10', 'F10.4'],
  },
  schema: struct({
    runs: checked(
      columns({ start: 'u32', count: 'u32', kind: 'u8' }),
      'runs ascending, apart, not empty, below frame 2^28 and of known kinds',
      lawful,
    ),
  }),
  needs: ['DOMAIN'],
  orderSources: ['section 11 rule 4'],
});
