/** TRC_HW_PM and TRC_HW_IRQ: idle states, frequencies, interrupts. */
import type { TraceRecord } from '../record.ts';
import { high, layout, low } from './layout.ts';

/** CPU bits 0 to 31 of a vector's mask; Xen records 192 at most. */
const vectorMask = (r: TraceRecord) => ({
  irq: low(r.word(0)),
  vector: high(r.word(0)),
  cpus: r.word(1),
});

const vectorMove = (r: TraceRecord) => ({
  irq: r.word(0),
  vector: r.word(1),
  processor: r.word(2),
});

export const HARDWARE_LAYOUTS = [
  layout(0x801001, 2, (r) => ({ type: 'pm_freq_change', fromMhz: r.word(0), toMhz: r.word(1) })),
  layout(0x801002, 4, (r) => ({
    type: 'pm_idle_entry',
    cState: r.word(0),
    tick: r.word(1),
    expectedUs: r.word(2),
    predictedUs: r.word(3),
  })),
  layout(0x801003, 6, (r) => ({
    type: 'pm_idle_exit',
    cState: r.word(0),
    tick: r.word(1),
    vectors: [r.word(2), r.word(3), r.word(4), r.word(5)],
  })),
  layout(0x802001, 3, (r) => ({ type: 'hw_irq_move_cleanup_delay', ...vectorMove(r) })),
  layout(0x802002, 3, (r) => ({ type: 'hw_irq_move_cleanup', ...vectorMove(r) })),
  layout(0x802003, 2, (r) => ({ type: 'hw_irq_bind_vector', ...vectorMask(r) })),
  layout(0x802004, 2, (r) => ({ type: 'hw_irq_clear_vector', ...vectorMask(r) })),
  layout(0x802005, 3, (r) => ({ type: 'hw_irq_move_finish', ...vectorMove(r) })),
  layout(0x802006, 2, (r) => ({ type: 'hw_irq_assign_vector', ...vectorMask(r) })),
  layout(0x802007, 1, (r) => ({ type: 'hw_irq_unmapped_vector', vector: r.word(0) })),
  /** Low words of the TSC before and after the handler. */
  layout(0x802008, 3, (r) => ({
    type: 'hw_irq_handled',
    irq: r.word(0),
    tscIn: r.word(1),
    tscOut: r.word(2),
  })),
];
