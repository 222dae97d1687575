/** Record types of the two migration streams, and PFINFO page types. */

/** libxc records, by the names of its specification (F10.3). */
export const LIBXC = {
  END: 0x0,
  PAGE_DATA: 0x1,
  X86_PV_INFO: 0x2,
  X86_PV_P2M_FRAMES: 0x3,
  X86_PV_VCPU_BASIC: 0x4,
  X86_PV_VCPU_EXTENDED: 0x5,
  X86_PV_VCPU_XSAVE: 0x6,
  SHARED_INFO: 0x7,
  X86_TSC_INFO: 0x8,
  HVM_CONTEXT: 0x9,
  HVM_PARAMS: 0xa,
  TOOLSTACK: 0xb,
  X86_PV_VCPU_MSRS: 0xc,
  VERIFY: 0xd,
  CHECKPOINT: 0xe,
  CHECKPOINT_DIRTY_PFN_LIST: 0xf,
  STATIC_DATA_END: 0x10,
  X86_CPUID_POLICY: 0x11,
  X86_MSR_POLICY: 0x12,
} as const;

/** libxl records (libxl-migration-stream specification). */
export const LIBXL = {
  END: 0x0,
  LIBXC_CONTEXT: 0x1,
  EMULATOR_XENSTORE_DATA: 0x2,
  EMULATOR_CONTEXT: 0x3,
  CHECKPOINT_END: 0x4,
  CHECKPOINT_STATE: 0x5,
} as const;

/** PFINFO page types: bits 63 to 60 of a pfn word in PAGE_DATA (F10.4). */
export const PFINFO = {
  NOTAB: 0x0,
  L1TAB: 0x1,
  L4TAB: 0x4,
  /** Added to L1TAB..L4TAB when the table is pinned. */
  PINNED: 0x8,
  BROKEN: 0xd,
  XALLOC: 0xe,
  XTAB: 0xf,
} as const;

/** 1 to 4 for a page table of that level, pinned or not; else 0. */
export const tableLevel = (type: number): number => {
  const level = type & 7;
  return level >= 1 && level <= 4 && type <= 0xc ? level : 0;
};

/** Whether a page table of this type is pinned. */
export const isPinned = (type: number): boolean => type >= 0x9 && type <= 0xc;

/** Whether PFINFO gives the value a meaning: 5 to 8 have none. */
export const isKnownType = (type: number): boolean => type <= 4 || type >= 9;

/** Whether a page of this type has its contents in the stream. */
export const hasContents = (type: number): boolean => isKnownType(type) && type <= 0xc;

/** Whether there is a page at a pfn of this type: XALLOC has one without contents. */
export const hasPage = (type: number): boolean => type !== PFINFO.XTAB && type !== PFINFO.BROKEN;

const NAMES = ['NOTAB', 'L1TAB', 'L2TAB', 'L3TAB', 'L4TAB'] as const;

/** As the public header spells it, without its prefix. */
export const typeName = (type: number): string => {
  const level = tableLevel(type);
  if (level > 0) return `${NAMES[level]}${isPinned(type) ? '|LPINTAB' : ''}`;
  if (type === PFINFO.NOTAB) return 'NOTAB';
  if (type === PFINFO.BROKEN) return 'BROKEN';
  if (type === PFINFO.XALLOC) return 'XALLOC';
  return type === PFINFO.XTAB ? 'XTAB' : `type ${type}`;
};
