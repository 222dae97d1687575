/** TRC_DOM0OP and TRC_MEM: domains, grants, memory. */
import { high, layout, low, pairAt } from './layout.ts';

/** TRC_DOM0_DOM_ADD: domain_create made the structure. */
export const DOM0_DOM_ADD = 0x0004_1001;
/** TRC_DOM0_DOM_REM: the last reference is dropped (domain_destroy). */
export const DOM0_DOM_REM = 0x0004_1002;
/** TRC_MEM_PAGE_GRANT_MAP: `domain` is the granter. */
export const MEM_PAGE_GRANT_MAP = 0x0010_f001;
/** TRC_MEM_PAGE_GRANT_UNMAP: `domain` is the granter. */
export const MEM_PAGE_GRANT_UNMAP = 0x0010_f002;
/** TRC_MEM_PAGE_GRANT_TRANSFER: `domain` is the receiver. */
export const MEM_PAGE_GRANT_TRANSFER = 0x0010_f003;
/** TRC_MEM_SET_P2M_ENTRY: only guests with shadow or NPT tables. */
export const MEM_SET_P2M_ENTRY = 0x0010_f004;
/** TRC_MEM_DECREASE_RESERVATION: one extent. */
export const MEM_DECREASE_RESERVATION = 0x0010_f005;

export const DOMAIN_LAYOUTS = [
  layout(DOM0_DOM_ADD, 1, (r) => ({ type: 'dom0_dom_add', domain: r.word(0) })),
  layout(DOM0_DOM_REM, 1, (r) => ({ type: 'dom0_dom_rem', domain: r.word(0) })),
];

/**
 * Frames are 4 KiB frame numbers, `order` the power of two of them. Xen pads
 * some of these records with what was on its stack; only the named fields
 * mean anything.
 */
export const MEMORY_LAYOUTS = [
  layout(MEM_PAGE_GRANT_MAP, 1, (r) => ({ type: 'mem_page_grant_map', domain: r.word(0) })),
  layout(MEM_PAGE_GRANT_UNMAP, 1, (r) => ({ type: 'mem_page_grant_unmap', domain: r.word(0) })),
  layout(MEM_PAGE_GRANT_TRANSFER, 1, (r) => ({
    type: 'mem_page_grant_transfer',
    domain: r.word(0),
  })),
  layout(MEM_SET_P2M_ENTRY, 6, (r) => ({
    type: 'mem_set_p2m_entry',
    gfn: pairAt(r, 0),
    mfn: pairAt(r, 2),
    p2mType: r.word(4),
    domain: low(r.word(5)),
    order: high(r.word(5)),
  })),
  layout(MEM_DECREASE_RESERVATION, 3, (r) => ({
    type: 'mem_decrease_reservation',
    gfn: pairAt(r, 0),
    domain: low(r.word(2)),
    order: high(r.word(2)),
  })),
  layout(0x10f010, 5, (r) => ({
    type: 'mem_pod_populate',
    gfn: pairAt(r, 0),
    mfn: pairAt(r, 2),
    domain: low(r.word(4)),
    order: high(r.word(4)),
  })),
  layout(0x10f011, 5, (r) => ({
    type: 'mem_pod_zero_reclaim',
    gfn: pairAt(r, 0),
    mfn: pairAt(r, 2),
    domain: low(r.word(4)),
    order: high(r.word(4)),
  })),
  layout(0x10f012, 3, (r) => ({
    type: 'mem_pod_superpage_splinter',
    gfn: pairAt(r, 0),
    domain: low(r.word(2)),
  })),
];
