/**
 * Versions of Xen that an update can start from or lead to, with the
 * differences that the facts give. A description is data: a new version is a
 * new entry. Versions are unordered (R9): xen#1 may be the newer one.
 */
import type { CountRules } from '../host/references.ts';

/** Phase of domain_kill, in the words of `host/domain.ts`. */
type Phase = string;

/** Where count_info and type_info of a dump keep their fields (F8.1, F8.2). */
export interface PageInfoLayout {
  /** Bit numbers in count_info. */
  readonly allocated: number;
  readonly xenHeap: number;
  readonly extra: number | null;
  /** Width of the general count and of the type count, in bits. */
  readonly countBits: number;
  readonly typeCountBits: number;
}

export interface XenVersion {
  /** '4.17', or 'unstable' for master of August 2026. */
  readonly id: string;
  readonly major: number;
  readonly minor: number;
  /** XEN_DOMCTL_INTERFACE_VERSION and the sysctl one: a mismatch is -EACCES (F3.9). */
  readonly domctlInterface: number;
  readonly sysctlInterface: number;
  /** EVTCHNOP_reset_cont (14) exists; without it the sub-op is -ENOSYS (F3.8). */
  readonly hasResetCont: boolean;
  /** Order of the phases of domain_teardown and domain_relinquish_resources (F2.9, F2.10). */
  readonly teardownOrder: readonly Phase[];
  /** How references of partially validated tables are counted (F8.8). */
  readonly countRules: CountRules;
  /** Shutdown as two booleans, or as one state (F2.22): internal, so never in a stream. */
  readonly shutdownIsState: boolean;
  /** nr_foreign is kept and foreign entries are removed at teardown by it (F8.20). */
  readonly countsForeign: boolean;
  readonly layout: PageInfoLayout;
}

const OLD_TEARDOWN: readonly Phase[] = [
  'gnttab_mappings',
  'vcpu_teardown',
  'evtchn',
  'pci',
  'iommu_pagetables',
  'paging',
  'vcpu_pagetables',
  'shared',
  'xen',
  'l4',
  'l3',
  'l2',
  'rest',
];
/** All phases there are, in the order of newer versions (F2.9, F2.10). */
export const NEW_TEARDOWN: readonly Phase[] = [
  'gnttab_mappings',
  'vcpu_teardown',
  'arch_teardown',
  'evtchn',
  'pci',
  'iommu_pagetables',
  'shared',
  'mappings',
  'paging',
  'vcpu_pagetables',
  'xen',
  'l4',
  'l3',
  'l2',
  'rest',
];

const layout411: PageInfoLayout = {
  allocated: 63,
  xenHeap: 62,
  extra: null,
  countBits: 55,
  typeCountBits: 56,
};
const layout415: PageInfoLayout = {
  allocated: 63,
  xenHeap: 62,
  extra: 54,
  countBits: 54,
  typeCountBits: 56,
};
const layoutM: PageInfoLayout = {
  allocated: 63,
  xenHeap: 62,
  extra: 61,
  countBits: 56,
  typeCountBits: 55,
};

const postXsa299: CountRules = { partialHoldsGeneralRef: true };
const preXsa299: CountRules = { partialHoldsGeneralRef: false };

/**
 * The `.0` releases of each branch, as the facts were read (section 0). The
 * teardown order between 4.15 and M is not given for each release; the change
 * is placed at 4.20, the first release here after nr_foreign came in (F8.20).
 */
export const VERSIONS: readonly XenVersion[] = [
  {
    id: '4.11',
    major: 4,
    minor: 11,
    domctlInterface: 0x10,
    sysctlInterface: 0x11,
    hasResetCont: false,
    teardownOrder: OLD_TEARDOWN,
    countRules: preXsa299,
    shutdownIsState: false,
    countsForeign: false,
    layout: layout411,
  },
  {
    id: '4.14',
    major: 4,
    minor: 14,
    domctlInterface: 0x12,
    sysctlInterface: 0x13,
    hasResetCont: false,
    teardownOrder: OLD_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: false,
    countsForeign: false,
    layout: layout415,
  },
  {
    id: '4.15',
    major: 4,
    minor: 15,
    domctlInterface: 0x13,
    sysctlInterface: 0x13,
    hasResetCont: true,
    teardownOrder: OLD_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: false,
    countsForeign: false,
    layout: layout415,
  },
  {
    id: '4.17',
    major: 4,
    minor: 17,
    domctlInterface: 0x15,
    sysctlInterface: 0x15,
    hasResetCont: true,
    teardownOrder: OLD_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: false,
    countsForeign: false,
    layout: layout415,
  },
  {
    id: '4.20',
    major: 4,
    minor: 20,
    domctlInterface: 0x17,
    sysctlInterface: 0x15,
    hasResetCont: true,
    teardownOrder: NEW_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: false,
    countsForeign: true,
    layout: layoutM,
  },
  {
    id: '4.22',
    major: 4,
    minor: 22,
    domctlInterface: 0x18,
    sysctlInterface: 0x16,
    hasResetCont: true,
    teardownOrder: NEW_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: false,
    countsForeign: true,
    layout: layoutM,
  },
  {
    id: 'unstable',
    major: 4,
    minor: 23,
    domctlInterface: 0x18,
    sysctlInterface: 0x16,
    hasResetCont: true,
    teardownOrder: NEW_TEARDOWN,
    countRules: postXsa299,
    shutdownIsState: true,
    countsForeign: true,
    layout: layoutM,
  },
];

/** The description of a version by its id, or null. */
export const versionOf = (id: string): XenVersion | null =>
  VERSIONS.find((v) => v.id === id) ?? null;

/**
 * The description that stands for a running Xen `major.minor`: its own, or
 * the nearest older one; null when it is older than all.
 */
export const nearestVersion = (major: number, minor: number): XenVersion | null => {
  const older = VERSIONS.filter((v) => v.major < major || (v.major === major && v.minor <= minor));
  return older[older.length - 1] ?? null;
};
