/** TRC_PV_ENTRY: how PV guests enter Xen. Each address has a 32- and a 64-bit form. */
import { high, layout, low, narrow, pairAt, WIDE } from './layout.ts';

const trap = (word: number) => ({
  trap: low(word) & 0x7fff,
  /** Whether `errorCode` means anything. */
  hasErrorCode: (word & 0x8000) !== 0,
  errorCode: high(word),
});

export const PV_LAYOUTS = [
  layout(0x201001, 2, (r) => ({
    type: 'pv_hypercall_v1',
    ip: narrow(r.word(0)),
    op: r.word(1),
  })),
  layout(0x201001 | WIDE, 3, (r) => ({
    type: 'pv_hypercall_v1',
    ip: pairAt(r, 0),
    op: r.word(2),
  })),
  layout(0x201003, 2, (r) => ({ type: 'pv_trap', ip: narrow(r.word(0)), ...trap(r.word(1)) })),
  layout(0x201003 | WIDE, 3, (r) => ({ type: 'pv_trap', ip: pairAt(r, 0), ...trap(r.word(2)) })),
  layout(0x201004, 3, (r) => ({
    type: 'pv_page_fault',
    ip: narrow(r.word(0)),
    address: narrow(r.word(1)),
    errorCode: r.word(2),
  })),
  layout(0x201004 | WIDE, 5, (r) => ({
    type: 'pv_page_fault',
    ip: pairAt(r, 0),
    address: pairAt(r, 2),
    errorCode: r.word(4),
  })),
  layout(0x201005, 1, (r) => ({ type: 'pv_forced_invalid_op', ip: narrow(r.word(0)) })),
  layout(0x201005 | WIDE, 2, (r) => ({ type: 'pv_forced_invalid_op', ip: pairAt(r, 0) })),
  layout(0x201006, 1, (r) => ({ type: 'pv_emulate_privop', ip: narrow(r.word(0)) })),
  layout(0x201006 | WIDE, 2, (r) => ({ type: 'pv_emulate_privop', ip: pairAt(r, 0) })),
  layout(0x201007, 1, (r) => ({ type: 'pv_emulate_4gb', ip: narrow(r.word(0)) })),
  layout(0x201007 | WIDE, 2, (r) => ({ type: 'pv_emulate_4gb', ip: pairAt(r, 0) })),
  layout(0x201008, 0, () => ({ type: 'pv_math_state_restore' })),
  layout(0x201008 | WIDE, 0, () => ({ type: 'pv_math_state_restore' })),
  layout(0x201009, 2, (r) => ({
    type: 'pv_paging_fixup',
    ip: narrow(r.word(0)),
    address: narrow(r.word(1)),
  })),
  layout(0x201009 | WIDE, 4, (r) => ({
    type: 'pv_paging_fixup',
    ip: pairAt(r, 0),
    address: pairAt(r, 2),
  })),
  layout(0x20100a, 2, (r) => ({
    type: 'pv_gdt_ldt_mapping_fault',
    ip: narrow(r.word(0)),
    offset: narrow(r.word(1)),
  })),
  layout(0x20100a | WIDE, 4, (r) => ({
    type: 'pv_gdt_ldt_mapping_fault',
    ip: pairAt(r, 0),
    offset: pairAt(r, 2),
  })),
  layout(0x20110b, 6, (r) => ({
    type: 'pv_ptwr_emulation',
    pte: pairAt(r, 0),
    address: pairAt(r, 2),
    ip: pairAt(r, 4),
  })),
  /** The form of 32-bit guests, which have PAE page tables. */
  layout(0x20100c, 4, (r) => ({
    type: 'pv_ptwr_emulation',
    pte: pairAt(r, 0),
    address: narrow(r.word(2)),
    ip: narrow(r.word(3)),
  })),
];
