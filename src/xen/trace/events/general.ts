/** TRC_GEN: what the tracing says about itself. */
import { LOST_RECORDS } from '../header.ts';
import { high, layout, low, pairAt } from './layout.ts';

export const GENERAL_LAYOUTS = [
  /**
   * `count` records of this CPU between the TSCs `first` and `until` are
   * lost. The vCPU is the one executing when Xen wrote this (domain in the
   * low half-word: the reverse of a runstate change).
   */
  layout(LOST_RECORDS, 4, (r) => ({
    type: 'lost_records',
    count: r.word(0),
    domain: low(r.word(1)),
    vcpu: high(r.word(1)),
    first: pairAt(r, 2),
    until: { hi: r.ownTscHi(), lo: r.ownTscLo() },
  })),
];
