/** TRC_HVM_EMUL: timers and interrupt controllers that Xen emulates. */
import { layout, pairAt } from './layout.ts';

export const HVM_DEVICE_LAYOUTS = [
  layout(0x84001, 6, (r) => ({
    type: 'hvm_emul_hpet_start_timer',
    timer: r.word(0),
    irq: r.word(1),
    delta: pairAt(r, 2),
    period: pairAt(r, 4),
  })),
  layout(0x84002, 2, (r) => ({
    type: 'hvm_emul_pit_start_timer',
    delta: r.word(0),
    period: r.word(1),
  })),
  layout(0x84003, 2, (r) => ({
    type: 'hvm_emul_rtc_start_timer',
    delta: r.word(0),
    period: r.word(1),
  })),
  layout(0x84004, 5, (r) => ({
    type: 'hvm_emul_lapic_start_timer',
    delta: pairAt(r, 0),
    period: pairAt(r, 2),
    irq: r.word(4),
  })),
  layout(0x84005, 1, (r) => ({ type: 'hvm_emul_hpet_stop_timer', timer: r.word(0) })),
  layout(0x84006, 0, () => ({ type: 'hvm_emul_pit_stop_timer' })),
  layout(0x84007, 0, () => ({ type: 'hvm_emul_rtc_stop_timer' })),
  layout(0x84008, 0, () => ({ type: 'hvm_emul_lapic_stop_timer' })),
  layout(0x84009, 0, () => ({ type: 'hvm_emul_pit_timer_cb' })),
  layout(0x8400a, 0, () => ({ type: 'hvm_emul_lapic_timer_cb' })),
  layout(0x8400b, 3, (r) => ({
    type: 'hvm_emul_pic_int_output',
    output: r.word(0),
    master: r.word(1),
    irq: r.word(2),
  })),
  layout(0x8400c, 1, (r) => ({ type: 'hvm_emul_pic_kick', irq: r.word(0) })),
  layout(0x8400d, 2, (r) => ({
    type: 'hvm_emul_pic_intack',
    master: r.word(0),
    irq: r.word(1),
  })),
  layout(0x8400e, 1, (r) => ({ type: 'hvm_emul_pic_posedge', irq: r.word(0) })),
  layout(0x8400f, 1, (r) => ({ type: 'hvm_emul_pic_negedge', irq: r.word(0) })),
  layout(0x84010, 2, (r) => ({
    type: 'hvm_emul_pic_pend_irq_call',
    accept: r.word(0),
    output: r.word(1),
  })),
  layout(0x84011, 2, (r) => ({
    type: 'hvm_emul_lapic_pic_intr',
    target: r.word(0),
    accept: r.word(1),
  })),
];
