/**
 * What the dumps of keys q, g and e say, line by line. Units and rules are
 * those of `reading.ts`, which is the file to import from.
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
