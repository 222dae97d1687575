/**
 * Numbers of Xen's public interface, each with its header (facts section 12).
 * Xen-internal numbers that the model needs are marked so: they may differ
 * between versions and never go into a stream.
 */

/** Bytes of a page; public/arch-x86/xen.h. */
export const PAGE_SIZE = 4096;
/** Frames of a 2 MiB superpage: the alignment of Xen's image and of bootmem (R41, F1.7). */
export const FRAMES_PER_2M = 512;

/** public/xen.h (F2.5). */
export const DOMID_FIRST_RESERVED = 0x7ff0;
export const DOMID_IO = 0x7ff1;
export const DOMID_XEN = 0x7ff2;
export const DOMID_COW = 0x7ff3;
export const DOMID_INVALID = 0x7ff4;
export const DOMID_IDLE = 0x7fff;

/** Highest gfn value; the M2P's "no gfn" (INVALID_M2P_ENTRY), in the model's 32-bit M2P. */
export const INVALID_M2P_ENTRY = 0xffff_ffff;

/** Hypercall numbers, public/xen.h; 49 is x86's internal paging_domctl_cont (F3.6). */
export const HYPERVISOR = {
  mmu_update: 1,
  platform_op: 7,
  memory_op: 12,
  multicall: 13,
  update_va_mapping: 14,
  set_timer_op: 15,
  grant_table_op: 20,
  vcpu_op: 24,
  mmuext_op: 26,
  sched_op: 29,
  event_channel_op: 32,
  hvm_op: 34,
  sysctl: 35,
  domctl: 36,
  kexec_op: 37,
  dm_op: 41,
  paging_domctl_cont: 49,
} as const;

/** public/domctl.h; 23 is internal: soft_reset_cont (F3.6). */
export const DOMCTL = {
  createdomain: 1,
  destroydomain: 2,
  pausedomain: 3,
  unpausedomain: 4,
  getdomaininfo: 5,
  shadow_op: 10,
  soft_reset_cont: 23,
  resumedomain: 26,
  soft_reset: 79,
} as const;

/** public/sysctl.h: of those that only read. */
export const SYSCTL = { getdomaininfolist: 6 } as const;

/** public/event_channel.h; 14 is internal: reset_cont (F3.6). */
export const EVTCHNOP = {
  bind_interdomain: 0,
  bind_virq: 1,
  bind_pirq: 2,
  close: 3,
  send: 4,
  status: 5,
  alloc_unbound: 6,
  bind_ipi: 7,
  bind_vcpu: 8,
  unmask: 9,
  reset: 10,
  init_control: 11,
  expand_array: 12,
  set_priority: 13,
  reset_cont: 14,
} as const;

/** public/memory.h; the start extent stands above MEMOP_EXTENT_SHIFT bits of the command (F3.4). */
export const XENMEM = {
  increase_reservation: 0,
  decrease_reservation: 1,
  populate_physmap: 6,
  exchange: 11,
} as const;
export const MEMOP_EXTENT_SHIFT = 6;

/** FIFO event words and limits, public/event_channel.h (F6.4, F6.6). */
export const EVTCHN_FIFO_PENDING = 31;
export const EVTCHN_FIFO_MASKED = 30;
export const EVTCHN_FIFO_LINKED = 29;
export const EVTCHN_FIFO_BUSY = 28;
export const EVTCHN_FIFO_LINK_MASK = 0x1_ffff;
export const EVTCHN_FIFO_NR_CHANNELS = 2 ** 17;
export const EVTCHN_FIFO_PRIORITIES = 16;
export const EVTCHN_FIFO_PRIORITY_DEFAULT = 7;
export const EVTCHN_FIFO_WORDS_PER_PAGE = 1024;
/** Ports of the 2-level ABI for a 64-bit and a 32-bit guest (F6.4). */
export const EVTCHN_2L_NR_CHANNELS_64 = 4096;
export const EVTCHN_2L_NR_CHANNELS_32 = 1024;

/** public/xen.h, global unless listed in VIRQ_PER_VCPU or VIRQ_PER_DOMAIN (F6.14). */
export const VIRQ = {
  TIMER: 0,
  DEBUG: 1,
  CONSOLE: 2,
  DOM_EXC: 3,
  TBUF: 4,
  DEBUGGER: 6,
  XENOPROF: 7,
  CON_RING: 8,
  PCPU_STATE: 9,
  MEM_EVENT: 10,
  ARGO: 11,
  ENOMEM: 12,
  XENPMU: 13,
  ARCH_0: 16,
} as const;
export const NR_VIRQS = 24;
export const VIRQ_PER_VCPU: readonly number[] = [0, 1, 7, 13];
export const VIRQ_PER_DOMAIN: readonly number[] = [11];

/** public/grant_table.h (F7.1, F7.2). */
export const GTF = {
  invalid: 0,
  permit_access: 1,
  accept_transfer: 2,
  transitive: 3,
  type_mask: 3,
  readonly: 0x4,
  reading: 0x8,
  writing: 0x10,
  sub_page: 0x100,
} as const;
export const GNTMAP = {
  device_map: 1,
  host_map: 2,
  readonly: 4,
  application_map: 8,
  contains_pte: 0x10,
} as const;
export const GRANT_V1_PER_PAGE = 512;
export const GRANT_V2_PER_PAGE = 256;
export const GRANT_STATUS_PER_PAGE = 2048;
export const GNTTAB_NR_RESERVED_ENTRIES = 8;
/** Xen-internal: handles of one maptrack page (8 bytes each). */
export const MAPTRACK_PER_PAGE = 512;

/** public/sched.h (F2.21); SHUTDOWN_CODE_INVALID is ~0u, Xen-internal. */
export const SHUTDOWN = {
  poweroff: 0,
  reboot: 1,
  suspend: 2,
  crash: 3,
  watchdog: 4,
  soft_reset: 5,
} as const;
export const SHUTDOWN_CODE_INVALID = 0xffff_ffff;

/** Bits of v->pause_flags, Xen-internal (F2.17). */
export const VPF = {
  blocked: 1 << 0,
  down: 1 << 1,
  blocked_in_xen: 1 << 2,
  migrating: 1 << 3,
  mem_paging: 1 << 4,
  mem_access: 1 << 5,
  mem_sharing: 1 << 6,
  in_reset: 1 << 7,
  parked: 1 << 8,
} as const;

/** public/hvm/ioreq.h (F9.1). */
export const IOREQ = { NONE: 0, READY: 1, INPROCESS: 2, RESP_READY: 3 } as const;
export const MAX_NR_IOREQ_SERVERS = 8;

/** Where vCPU info of the first vCPUs lives in shared_info, public/xen.h. */
export const XEN_LEGACY_MAX_VCPUS = 32;
