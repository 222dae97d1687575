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

import type {
  DomainReading,
  EventChannelsReading,
  GrantTableReading,
  Place,
  PortBinding,
} from './dump-reading.ts';

export type * from './dump-reading.ts';

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
