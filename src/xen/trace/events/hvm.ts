/** TRC_HVM: entries, exits and handlers of HVM and PVH guests. */
import { layout, narrow, pairAt, WIDE } from './layout.ts';

/** TRC_HVM_NESTEDFLAG: the vCPU was running a guest of its own. */
const NESTED = 0x400;
/** TRC_HVM_VMMCALL: a hypercall of an HVM or PVH guest; carries no TSC. */
export const HVM_VMMCALL = 0x0008_2012;

export const HVM_LAYOUTS = [
  layout(0x81001, 0, () => ({ type: 'hvm_vmentry', nested: false })),
  layout(0x81001 | NESTED, 0, () => ({ type: 'hvm_vmentry', nested: true })),
  layout(0x81002, 2, (r) => ({
    type: 'hvm_vmexit',
    nested: false,
    reason: r.word(0),
    ip: narrow(r.word(1)),
  })),
  layout(0x81002 | WIDE, 3, (r) => ({
    type: 'hvm_vmexit',
    nested: false,
    reason: r.word(0),
    ip: pairAt(r, 1),
  })),
  layout(0x81002 | NESTED, 2, (r) => ({
    type: 'hvm_vmexit',
    nested: true,
    reason: r.word(0),
    ip: narrow(r.word(1)),
  })),
  layout(0x81002 | NESTED | WIDE, 3, (r) => ({
    type: 'hvm_vmexit',
    nested: true,
    reason: r.word(0),
    ip: pairAt(r, 1),
  })),
  layout(0x82001, 2, (r) => ({
    type: 'hvm_pf_xen',
    errorCode: r.word(0),
    address: narrow(r.word(1)),
  })),
  layout(0x82001 | WIDE, 3, (r) => ({
    type: 'hvm_pf_xen',
    errorCode: r.word(0),
    address: pairAt(r, 1),
  })),
  layout(0x82002, 2, (r) => ({
    type: 'hvm_pf_inject',
    errorCode: r.word(0),
    address: narrow(r.word(1)),
  })),
  layout(0x82002 | WIDE, 3, (r) => ({
    type: 'hvm_pf_inject',
    errorCode: r.word(0),
    address: pairAt(r, 1),
  })),
  layout(0x82003, 2, (r) => ({ type: 'hvm_inj_exc', vector: r.word(0), errorCode: r.word(1) })),
  layout(0x82004, 2, (r) => ({ type: 'hvm_inj_virq', vector: r.word(0), fake: r.word(1) })),
  layout(0x82005, 1, (r) => ({ type: 'hvm_reinj_virq', vector: r.word(0) })),
  layout(0x82006, 2, (r) => ({ type: 'hvm_io_read', port: r.word(0), size: r.word(1) })),
  layout(0x82007, 2, (r) => ({ type: 'hvm_io_write', port: r.word(0), size: r.word(1) })),
  layout(0x82008, 2, (r) => ({
    type: 'hvm_cr_read',
    register: r.word(0),
    value: narrow(r.word(1)),
  })),
  layout(0x82008 | WIDE, 3, (r) => ({
    type: 'hvm_cr_read',
    register: r.word(0),
    value: pairAt(r, 1),
  })),
  layout(0x82009, 2, (r) => ({
    type: 'hvm_cr_write',
    register: r.word(0),
    value: narrow(r.word(1)),
  })),
  layout(0x82009 | WIDE, 3, (r) => ({
    type: 'hvm_cr_write',
    register: r.word(0),
    value: pairAt(r, 1),
  })),
  layout(0x8200a, 0, () => ({ type: 'hvm_dr_read' })),
  layout(0x8200b, 0, () => ({ type: 'hvm_dr_write' })),
  layout(0x8200c, 3, (r) => ({ type: 'hvm_msr_read', msr: r.word(0), value: pairAt(r, 1) })),
  layout(0x8200d, 3, (r) => ({ type: 'hvm_msr_write', msr: r.word(0), value: pairAt(r, 1) })),
  layout(0x8200e, 6, (r) => ({
    type: 'hvm_cpuid',
    leaf: r.word(0),
    subleaf: r.word(1),
    eax: r.word(2),
    ebx: r.word(3),
    ecx: r.word(4),
    edx: r.word(5),
  })),
  /** VMX names the vector; SVM writes no word, which reads as 0. */
  layout(0x8200f, 0, (r) => ({ type: 'hvm_intr', vector: r.word(0) })),
  layout(0x82010, 0, () => ({ type: 'hvm_nmi' })),
  layout(0x82011, 0, () => ({ type: 'hvm_smi' })),
  layout(HVM_VMMCALL, 1, (r) => ({ type: 'hvm_vmmcall', op: r.word(0) })),
  layout(0x82013, 1, (r) => ({ type: 'hvm_hlt', pending: r.word(0) })),
  layout(0x82014, 2, (r) => ({
    type: 'hvm_invlpg',
    invlpga: r.word(0),
    address: narrow(r.word(1)),
  })),
  layout(0x82014 | WIDE, 3, (r) => ({
    type: 'hvm_invlpg',
    invlpga: r.word(0),
    address: pairAt(r, 1),
  })),
  layout(0x82015, 0, () => ({ type: 'hvm_mce' })),
  layout(0x82016, 2, (r) => ({ type: 'hvm_ioport_read', port: r.word(0), data: r.word(1) })),
  layout(0x82216, 2, (r) => ({ type: 'hvm_ioport_write', port: r.word(0), data: r.word(1) })),
  layout(0x82017, 2, (r) => ({
    type: 'hvm_iomem_read',
    address: narrow(r.word(0)),
    data: r.word(1),
  })),
  layout(0x82217, 2, (r) => ({
    type: 'hvm_iomem_write',
    address: narrow(r.word(0)),
    data: r.word(1),
  })),
  layout(0x82018, 0, () => ({ type: 'hvm_clts' })),
  layout(0x82019, 1, (r) => ({ type: 'hvm_lmsw', value: r.word(0) })),
  layout(0x82019 | WIDE, 1, (r) => ({ type: 'hvm_lmsw', value: r.word(0) })),
  layout(0x8201a, 2, (r) => ({ type: 'hvm_rdtsc', value: pairAt(r, 0) })),
  layout(0x82020, 2, (r) => ({
    type: 'hvm_intr_window',
    vector: r.word(0),
    source: r.word(1),
    /** Vector of an event already being injected; -1 when there is none. */
    pending: r.words > 2 ? r.word(2) | 0 : -1,
  })),
  layout(0x82021, 6, (r) => ({
    type: 'hvm_npf',
    gpa: pairAt(r, 0),
    mfn: pairAt(r, 2),
    qualification: r.word(4),
    p2mType: r.word(5),
  })),
  layout(0x82022, 0, () => ({ type: 'hvm_realmode_emulate' })),
  layout(0x82023, 1, (r) => ({ type: 'hvm_trap', vector: r.word(0) })),
  layout(0x82024, 1, (r) => ({ type: 'hvm_trap_debug', qualification: r.word(0) })),
  layout(0x82025, 0, () => ({ type: 'hvm_vlapic' })),
  layout(0x82026 | WIDE, 3, (r) => ({
    type: 'hvm_xcr_read',
    register: r.word(0),
    value: pairAt(r, 1),
  })),
  layout(0x82027 | WIDE, 3, (r) => ({
    type: 'hvm_xcr_write',
    register: r.word(0),
    value: pairAt(r, 1),
  })),
];
