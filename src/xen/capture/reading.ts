/**
 * What a capture of a real Xen host says: the dumps of the console and
 * the files that lie beside them, as typed values and nothing more.
 *
 * Nothing here is assumed, completed or modelled. A value that no source
 * shows is `undefined`; a value that two sources show differently is taken
 * from the dump and the difference is listed in `contradictions`.
 *
 * Units: frame numbers (mfn, gfn, pfn) count pages of 4 KiB, addresses are
 * bytes, `...KiB` and `...MiB` are binary units. Frame numbers, counts and
 * identifiers are non-negative safe integers unless a comment says more.
 * 64-bit words that Xen prints raw (count and type fields, frames that a
 * guest may have written) are `bigint`.
 */

/** A line of a file; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * Inclusive ranges, ascending and disjoint: Xen's bitmap list format.
 * `{0-1,3}` is `[[0, 1], [3, 3]]`, `{}` is `[]`.
 */
export type Ranges = readonly (readonly [first: number, last: number])[];

// ---------------------------------------------------------------- problems

/** Why something could not be read. `line` is absent for whole files. */
export interface CaptureProblem {
  readonly file: string;
  readonly line: number | undefined;
  /** What was found and what was expected there. */
  readonly what: string;
  /** What the user can do about it. */
  readonly hint: string;
}

/** The error value of `readCapture`: at least one problem, at most 20. */
export interface CaptureError {
  readonly problems: readonly CaptureProblem[];
  /** Problems that were found beyond those listed. */
  readonly omitted: number;
}

/**
 * A damaged line that has one reading only. Differences in blanks alone
 * carry no information and are not listed.
 */
export interface Repair extends Place {
  /** The line as found, without line end. */
  readonly was: string;
  /** The line as it was read. */
  readonly readAs: string;
  /** What made the reading unique. */
  readonly because: string;
}

/** Two sources that disagree. Files of a capture are seconds apart. */
export interface Contradiction {
  readonly what: string;
  /** The places that disagree, the one that was believed first. */
  readonly sources: readonly Place[];
}

// ---------------------------------------------------------- domain info, q

/** How a page is listed: which of the domain's lists it is on. */
export type PageList = 'DomPage' | 'XenPage' | 'ExtraPage';

/** One listed page of a domain. */
export interface PageReading extends Place {
  readonly list: PageList;
  readonly mfn: number;
  /** `count_info`, raw; its layout depends on the version (F8.1, F8.2). */
  readonly countInfo: bigint;
  /** `type_info`, raw. */
  readonly typeInfo: bigint;
}

/** A rangeset of a domain, with the unit that its name implies. */
export interface RangesetReading {
  /** As printed: `Interrupts`, `I/O Memory`, `I/O Ports`, `log-dirty`. */
  readonly name: string;
  /**
   * Interrupts are decimal, all others hexadecimal in the dump; undefined
   * if the line is damaged (then it is listed in `damaged`).
   */
  readonly ranges: Ranges | undefined;
}

export interface VcpuReading extends Place {
  readonly id: number;
  /** The physical CPU it runs or last ran on. */
  readonly cpu: number;
  /** `has=T`: it is running on that CPU now. */
  readonly running: boolean;
  /** Port it polls; 0 none, -1 several. */
  readonly poll: number;
  /** `upcall_pend`, the byte of vcpu_info (0 to 255). */
  readonly upcallPending: number;
  /** `upcall_mask`, the byte of vcpu_info or the HVM equivalent. */
  readonly upcallMask: number;
  /** CPU that still holds its state; absent when clean. */
  readonly dirtyCpu: number | undefined;
  readonly pauseCount: number;
  /** Bits of `pause_flags` (bit 0 blocked, see VPF_*). */
  readonly pauseFlags: number;
  /** `paging assistance` of the vCPU, e.g. `hap, 4 levels`. */
  readonly paging: string | undefined;
  readonly hardAffinity: Ranges | undefined;
  readonly softAffinity: Ranges | undefined;
  /** Scheduling unit the vCPU belongs to (4.13 and newer). */
  readonly unit: number | undefined;
  /** Periodic timer: undefined when there is none. */
  readonly periodicTimer: { readonly hz: number; readonly periodMs: number } | undefined;
  /** Port bound to VIRQ_DEBUG, 0 none; absent if the dump ended early. */
  readonly debugVirqPort: number | undefined;
}

export interface DomainReading extends Place {
  readonly domid: number;
  readonly refcnt: number;
  /** 0 alive, 1 dying, 2 dead (a zombie that still has references). */
  readonly dying: number;
  readonly pauseCount: number;
  /** Pages that count against the domain. */
  readonly nrPages: number;
  readonly xenheapPages: number;
  readonly sharedPages: number | undefined;
  readonly pagedPages: number | undefined;
  readonly dirtyCpus: Ranges;
  /** 4294967295 when unlimited. */
  readonly maxPages: number;
  /** UUID, lower case with dashes. */
  readonly handle: string;
  /** Bits of `vm_assist`. */
  readonly vmAssist: number;
  readonly watchdogs: readonly { readonly id: number; readonly expiresInS: number }[];
  /**
   * Flags of `paging assistance` in the order printed (`shadow`, `forced`,
   * `hap`, `refcounts`, `log_dirty`, `translate`, `external`); undefined
   * when the line is absent, which a PV domain without shadow shows.
   */
  readonly paging: readonly string[] | undefined;
  readonly rangesets: readonly RangesetReading[];
  /** `true`: `DomPage list too long to display`, none is listed. */
  readonly domPagesOmitted: boolean;
  /** Listed pages of all lists, in the order printed. */
  readonly pages: readonly PageReading[];
  /** Populate on demand, HVM and PVH only; may be negative in the dump. */
  readonly pod: { readonly entries: number; readonly cacheSize: number } | undefined;
  /** Undefined if the line is damaged (then it is listed in `damaged`). */
  readonly nodeAffinity: Ranges | undefined;
  readonly vcpus: readonly VcpuReading[];
}

// --------------------------------------------------------- grant tables, g

/** One active entry; only entries with a pin are printed. */
export interface GrantReading extends Place {
  readonly ref: number;
  /** The grantee of the active entry. */
  readonly grantee: number;
  readonly mfn: number;
  /**
   * Four byte counters, low to high: host write, host read, device write,
   * device read mappings. Never 0.
   */
  readonly pin: number;
  /** The grantee in the shared entry: the granter may have changed it. */
  readonly sharedGrantee: number;
  /** The frame in the shared entry: gfn for a translated granter. */
  readonly sharedFrame: bigint;
  /**
   * Last column, 16 bits. Version 1: the flags of the shared entry (access
   * type and GTF_*). Version 2: the *status* word, of which only
   * GTF_reading (8) and GTF_writing (16) are meaningful.
   */
  readonly status: number;
}

export interface GrantTableReading extends Place {
  /** The domain that grants. */
  readonly granter: number;
  readonly version: number;
  readonly frames: number;
  readonly maxFrames: number;
  readonly maptrackFrames: number;
  readonly maxMaptrackFrames: number;
  readonly entries: readonly GrantReading[];
}

// ------------------------------------------------------- event channels, e

/** The third field of `[p/m/s]`. */
export type PortLink =
  /** Two-level: the vCPU's selector bit for the word of this port. */
  | { readonly abi: '2l'; readonly selector: boolean }
  /** FIFO, but the guest has no event array page for this port (`?`). */
  | { readonly abi: 'fifo'; readonly word: 'absent' }
  /** FIFO: BUSY, and if LINKED the port it links to (0: end of queue). */
  | {
      readonly abi: 'fifo';
      readonly word: 'present';
      readonly busy: boolean;
      readonly link: number | undefined;
    };

export type PortBinding =
  /** Allocated, not yet usable (s=1). */
  | { readonly kind: 'reserved' }
  /** Waiting for the remote domain to bind (s=2). */
  | { readonly kind: 'unbound'; readonly remote: number }
  | { readonly kind: 'interdomain'; readonly remote: number; readonly remotePort: number }
  /** `irq` is the host interrupt; 0 or negative when there is none. */
  | { readonly kind: 'pirq'; readonly pirq: number; readonly irq: number }
  | { readonly kind: 'virq'; readonly virq: number }
  | { readonly kind: 'ipi' };

export interface PortReading extends Place {
  readonly port: number;
  readonly pending: boolean;
  readonly masked: boolean;
  readonly link: PortLink;
  readonly notifyVcpu: number;
  /** 0: the guest; else index + 1 of the handler inside Xen. */
  readonly xenConsumer: number;
  readonly binding: PortBinding;
  /** Flask label of the port, if the policy shows one. */
  readonly label: string | undefined;
}

/** The ports of one domain; free ports are not printed. */
export interface EventChannelsReading extends Place {
  readonly domid: number;
  /** Undefined if the line is damaged (then it is listed in `damaged`). */
  readonly pollingVcpus: Ranges | undefined;
  readonly ports: readonly PortReading[];
}

// ------------------------------------------------------------ memory facts

export interface NodeReading {
  readonly node: number;
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly freePages: number;
}

/** Where the pages of a domain lie, from key u. */
export interface DomainMemoryReading extends Place {
  readonly domid: number;
  /** Same counter as q's `nr_pages`, seconds apart. */
  readonly totalPages: number;
  readonly perNode: readonly { readonly node: number; readonly pages: number }[];
}

export interface NumaReading {
  readonly nodes: readonly NodeReading[];
  readonly cpus: readonly {
    readonly first: number;
    readonly last: number;
    readonly node: number;
  }[];
  readonly domains: readonly DomainMemoryReading[];
}

/** Free pages of a zone (key H); zone z holds frames of bit width z. */
export interface HeapZoneReading {
  readonly node: number;
  readonly zone: number;
  readonly freePages: number;
}

/** Key m: the same zones summed over the nodes, non-empty ones only. */
export interface MemoryInfoReading {
  readonly xenHeapKiB: number;
  readonly zones: readonly { readonly zone: number; readonly freeKiB: number }[];
  readonly domHeapKiB: number;
}

/** A range of the boot-time memory map, bytes, both ends inclusive. */
export interface E820Reading {
  readonly first: bigint;
  readonly last: bigint;
  /** `usable`, `reserved`, `ACPI data`, `ACPI NVS`, ... as printed. */
  readonly type: string;
}

export interface MemoryReading {
  readonly numa: NumaReading | undefined;
  readonly heapZones: readonly HeapZoneReading[] | undefined;
  readonly info: MemoryInfoReading | undefined;
}

// ------------------------------------------------------------ other facts

/** Messages of the boot, each `undefined` when the log has lost it. */
export interface BootReading {
  readonly commandLine: string | undefined;
  /** Where the boot loader put Xen, bytes. */
  readonly loadBase: bigint | undefined;
  /** Where Xen moved itself, bytes. */
  readonly imageBase: bigint | undefined;
  /** As printed; empty when the messages are gone. */
  readonly e820: readonly E820Reading[];
  readonly systemRamKiB: number | undefined;
  readonly iommu: boolean | undefined;
  /** Hardware assisted paging was detected. */
  readonly hap: boolean | undefined;
  readonly hvm: 'SVM' | 'VMX' | undefined;
  readonly cpus: number | undefined;
  readonly maxPirqsDom0: number | undefined;
}

/** TSC emulation of a domain (key s). */
export interface TscReading {
  readonly domid: number;
  readonly hvm: boolean;
  readonly mode: number;
  /** Nanoseconds, as a 64-bit word; 0 is not printed and reads as 0. */
  readonly offset: bigint;
  readonly khz: number | undefined;
  readonly incarnation: number | undefined;
}

/** A guest interrupt binding (key i). */
export interface GuestIrqReading {
  readonly irq: number;
  readonly domid: number;
  readonly pirq: number;
}

/** Where the version was read from. */
export interface VersionReading extends Place {
  readonly major: number;
  readonly minor: number;
  /** The version as printed, e.g. `4.17.7`. */
  readonly text: string;
}

// ------------------------------------------------------ the whole console

/** The lines one dump was read from, both ends inclusive. */
export interface SectionSource {
  readonly file: string;
  readonly firstLine: number;
  readonly lastLine: number;
  /**
   * How its end is known: by a line that only the end has, by whatever came
   * next, or not at all. Only an event-channel dump may end with the file;
   * ports of its last domain may then be missing.
   */
  readonly closedBy: 'terminator' | 'next-section' | 'end-of-file';
}

export interface Sources {
  readonly domainInfo: SectionSource;
  readonly grantTables: SectionSource;
  readonly eventChannels: SectionSource;
}

/** What one console log, or several, say of one moment of the host. */
export interface ConsoleReading {
  readonly version: VersionReading | undefined;
  readonly sources: Sources;
  /** `now` of the q dump in nanoseconds since boot, if printed. */
  readonly nowNs: bigint | undefined;
  /** Ascending by domid. */
  readonly domains: readonly DomainReading[];
  /** Ascending by granter; one for every domain. */
  readonly grantTables: readonly GrantTableReading[];
  /** Ascending by domid; one for every domain. */
  readonly eventChannels: readonly EventChannelsReading[];
  readonly memory: MemoryReading;
  readonly boot: BootReading;
  readonly tsc: readonly TscReading[] | undefined;
  readonly guestIrqs: readonly GuestIrqReading[] | undefined;
  /** Scheduler's short name, e.g. `credit2`. */
  readonly scheduler: string | undefined;
  readonly repairs: readonly Repair[];
  readonly contradictions: readonly Contradiction[];
  /**
   * Damaged lines that have no single reading and that nothing else in the
   * reading depends on, such as a CPU affinity.
   */
  readonly damaged: readonly CaptureProblem[];
  /** Lines inside the three dumps that belong to something else. */
  readonly skippedLines: number;
}

// ------------------------------------------------------------- companions

export type GuestType = 'pv' | 'pvh' | 'hvm';

/** What the files beside the console say of a domain, merged by domid. */
export interface CompanionDomain {
  readonly domid: number;
  readonly name: string | undefined;
  readonly type: GuestType | undefined;
  readonly uuid: string | undefined;
  /** `xl list -l`: max_memkb and target_memkb. */
  readonly maxMemKiB: number | undefined;
  readonly targetMemKiB: number | undefined;
  readonly maxVcpus: number | undefined;
  /** PCI devices in the configuration: passthrough. */
  readonly pciDevices: number;
  /** `xl list`: the six letters of State, e.g. `---sc-`. */
  readonly state: string | undefined;
  /** `xl list -v`: SHUTDOWN_* (0 poweroff, 3 crash, ...) if shut down. */
  readonly shutdownReason: number | undefined;
  /** Flask label, if any. */
  readonly label: string | undefined;
  /** Where the facts above come from, the first place of each file. */
  readonly sources: readonly Place[];
}

/** A port as `lsevtchn` shows it. */
export interface LsevtchnPort extends Place {
  readonly port: number;
  readonly vcpu: number;
  readonly binding: PortBinding;
}

export interface LsevtchnReading {
  readonly domid: number;
  readonly file: string;
  readonly ports: readonly LsevtchnPort[];
}

/** `xen-diag gnttab_query_size`: grant frames as the toolstack sees them. */
export interface GrantSizeReading extends Place {
  readonly domid: number;
  readonly frames: number;
  readonly maxFrames: number;
}

/** `xl info`: the fields that matter here. */
export interface XlInfoReading {
  readonly file: string;
  readonly nrCpus: number | undefined;
  readonly nrNodes: number | undefined;
  readonly totalMemoryMiB: number | undefined;
  readonly freeMemoryMiB: number | undefined;
  /** E.g. `pv`, `hvm`, `hap`, `gnttab-v1`, `iommu`. */
  readonly virtCaps: readonly string[];
  readonly scheduler: string | undefined;
  readonly commandLine: string | undefined;
}

export interface Companions {
  /** Ascending by domid; a domain that only one file shows is here too. */
  readonly domains: readonly CompanionDomain[];
  readonly lsevtchn: readonly LsevtchnReading[];
  readonly grantSizes: readonly GrantSizeReading[];
  readonly info: XlInfoReading | undefined;
  /** Lines and rows that could not be read, e.g. a garbage row of xl. */
  readonly unreadable: readonly Place[];
  /** All companion files that were opened. */
  readonly files: readonly string[];
}

/** All that a capture says. */
export interface Reading extends ConsoleReading {
  readonly companions: Companions;
}
