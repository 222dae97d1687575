/** A guest as its save stream describes it. */
import type { Endian } from '../../stream/framing/errors.ts';
import type { PlacedFinding } from '../../stream/lint/finding.ts';
import type { HvmParam, P2mFrames, TscInfo } from './bodies.ts';
import type { HvmDescriptor } from './hvm-context.ts';
import type { PageList } from './page-list.ts';
import type { PageTables } from './page-tables.ts';
import type { SharedInfo } from './shared-info.ts';
import type { HvmVcpu, PvVcpu } from './vcpu-context.ts';

interface AnyGuest {
  /** Version of the libxc stream, 2 or 3. */
  readonly version: number;
  readonly endian: Endian;
  /** The saving Xen; major 0 when the stream was converted. */
  readonly xen: { readonly major: number; readonly minor: number };
  /** Pfns and their page types (F10.4). */
  readonly pages: PageList;
  readonly tsc: TscInfo | undefined;
  /** Bytes of the CPUID and MSR policies; 0 when there is none. */
  readonly cpuidPolicyBytes: number;
  readonly msrPolicyBytes: number;
  /** Rules that the writer broke without making the stream unreadable. */
  readonly remarks: readonly PlacedFinding[];
}

export interface PvGuest extends AnyGuest {
  readonly type: 'pv';
  /** Bytes of a guest word. */
  readonly width: 4 | 8;
  /** Levels of page tables. */
  readonly levels: 3 | 4;
  readonly p2m: P2mFrames;
  readonly tables: PageTables;
  readonly sharedInfo: SharedInfo;
  /** By number, ascending. */
  readonly vcpus: readonly PvVcpu[];
}

export interface HvmGuest extends AnyGuest {
  readonly type: 'hvm';
  /** Descriptors of the HVM context, without END (F10.8). */
  readonly context: readonly HvmDescriptor[];
  readonly params: readonly HvmParam[];
  /** By number, ascending. */
  readonly vcpus: readonly HvmVcpu[];
}

export type GuestImage = PvGuest | HvmGuest;

/** Typecodes of devices that Xen emulates for HVM guests only: PIC, IOAPIC, PIT to PMTIMER. */
const HVM_DEVICES: ReadonlySet<number> = new Set([3, 4, 10, 11, 12, 13]);

/**
 * The stream has one type for HVM and PVH; they differ in what Xen emulates,
 * and a device that is not emulated has no record in the context (F10.8).
 */
export const guestKind = (guest: GuestImage): 'pv' | 'pvh' | 'hvm' => {
  if (guest.type === 'pv') return 'pv';
  return guest.context.some(({ code }) => HVM_DEVICES.has(code)) ? 'hvm' : 'pvh';
};
