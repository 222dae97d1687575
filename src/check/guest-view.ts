/** A guest as a plain value that JSON can carry: what `import` says of a save stream. */
import { contradictionLines } from '../xen/migration/contradiction-text.ts';
import {
  type GuestImage,
  guestKind,
  type HvmGuest,
  type PvGuest,
} from '../xen/migration/guest-image.ts';
import { pageIndex } from '../xen/migration/page-list.ts';
import { PAGE_TYPE } from '../xen/migration/page-refs.ts';
import { hasPage, isPinned, tableLevel, typeName } from '../xen/migration/record-types.ts';
import { setPorts } from '../xen/migration/shared-info.ts';
import { checkTables, type TableCheck } from '../xen/migration/table-check.ts';
import type { Remark } from './result.ts';

/** Pages of one type, and what refers to them in sum (F8.3, F8.4). */
export interface CountsOfType {
  readonly pages: number;
  readonly typeCount: number;
  readonly general: number;
}

/** Where tables say one thing and the stated types another; two lines of text. */
export interface TableContradiction {
  readonly kind: string;
  readonly rule: string;
  /** Pfn of the table that holds the entry; null: a root or GDT of vCPU `slot`. */
  readonly table: number | null;
  readonly slot: number;
  readonly target: number;
  readonly text: readonly [string, string];
}

export interface TableView {
  readonly pfn: number;
  readonly level: number;
  readonly pinned: boolean;
  /** Present entries: slot, pfn, flags (the low twelve bits). */
  readonly entries: readonly (readonly [slot: number, pfn: number, flags: number])[];
}

export interface VcpuView {
  readonly id: number;
  /** Values as `0x...`, up to 64 bits. */
  readonly registers: Readonly<Record<string, string>>;
  /** PV only. */
  readonly online?: boolean;
  readonly inKernel?: boolean;
  readonly rootPfn?: number;
  readonly userRootPfn?: number | null;
  readonly gdt?: { readonly entries: number; readonly pfns: readonly number[] };
}

export interface PvView {
  /** Bits of a guest word, levels of page tables. */
  readonly width: number;
  readonly levels: number;
  /** The guest's own P2M: pfns that it covers, and pages that hold it. */
  readonly p2m: {
    readonly start: number;
    readonly end: number;
    readonly frames: readonly number[];
  };
  readonly tables: readonly TableView[];
  /** Derived from the tables, by type. */
  readonly references: Readonly<Record<string, CountsOfType>>;
  /** Tables that nothing refers to. */
  readonly idleTables: readonly number[];
  readonly contradictions: readonly TableContradiction[];
  readonly contradictionCount: number;
  readonly sharedInfo: {
    readonly maxPfn: string;
    readonly wallclock: { readonly sec: number; readonly nsec: number };
    /** Ports that the 2-level ABI has; bits of the others are in FIFO words. */
    readonly ports: number;
    readonly pending: readonly number[];
    readonly masked: readonly number[];
    readonly vcpus: readonly {
      readonly id: number;
      readonly upcallPending: boolean;
      readonly upcallMask: boolean;
      readonly pendingSelector: string;
    }[];
  };
}

export interface HvmView {
  readonly context: readonly {
    readonly name: string;
    readonly instance: number;
    readonly length: number;
  }[];
  readonly params: readonly { readonly index: number; readonly value: string }[];
}

export interface GuestView {
  readonly stream: string;
  readonly version: number;
  readonly endian: string;
  /** The Xen that saved it; null: a converted stream. */
  readonly xen: string | null;
  readonly type: 'pv' | 'pvh' | 'hvm';
  readonly pages: {
    /** Pfns that the stream names, and those that have a page. */
    readonly named: number;
    readonly present: number;
    readonly byType: Readonly<Record<string, number>>;
    /** First pfn, number of pfns in a row, type. */
    readonly runs: readonly (readonly [pfn: number, count: number, type: string])[];
  };
  readonly vcpus: readonly VcpuView[];
  readonly tsc: {
    readonly mode: number;
    readonly khz: number;
    readonly nsec: string;
    readonly incarnation: number;
  } | null;
  readonly policyBytes: { readonly cpuid: number; readonly msr: number };
  readonly pv: PvView | null;
  readonly hvm: HvmView | null;
  readonly remarks: readonly Remark[];
}

const hex = (n: bigint | number): string => `0x${n.toString(16)}`;

const hexed = (registers: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, hex(value)]));

const typeRuns = ({ pages }: GuestImage): [number, number, string][] => {
  const runs: [number, number, string][] = [];
  let type = -1;
  pages.pfns.forEach((pfn, i) => {
    const last = runs[runs.length - 1];
    const goesOn = last !== undefined && pages.types[i] === type && last[0] + last[1] === pfn;
    if (goesOn) last[1]++;
    else {
      type = pages.types[i] as number;
      runs.push([pfn, 1, typeName(type)]);
    }
  });
  return runs;
};

const tableViews = ({ pages, tables }: PvGuest): TableView[] =>
  [...tables.pfns()]
    .sort((a, b) => a - b)
    .map((pfn) => {
      const type = pages.types[pageIndex(pages, pfn)] ?? 0;
      const entries: [number, number, number][] = [];
      tables.present(pfn, (slot, flags, target) => entries.push([slot, target, flags & 0xfff]));
      return { pfn, level: tableLevel(type), pinned: isPinned(type), entries };
    });

const TYPE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(PAGE_TYPE).map(([name, type]) => [type, name]),
);

const referencesByType = ({ refs }: TableCheck): Record<string, CountsOfType> => {
  const sums: Record<string, CountsOfType> = {};
  refs.type.forEach((type, i) => {
    const general = refs.general[i] as number;
    if (general === 0) return;
    const name = TYPE_NAMES[type] ?? String(type);
    const now = sums[name] ?? { pages: 0, typeCount: 0, general: 0 };
    sums[name] = {
      pages: now.pages + 1,
      typeCount: now.typeCount + (refs.typeCount[i] as number),
      general: now.general + general,
    };
  });
  return sums;
};

const pvView = (guest: PvGuest): PvView => {
  const check = checkTables(guest);
  const { sharedInfo, p2m, vcpus } = guest;
  const highest = vcpus.reduce((most, v) => Math.max(most, v.id), 0);
  return {
    width: 8 * guest.width,
    levels: guest.levels,
    p2m: { start: p2m.start, end: p2m.end, frames: [...p2m.frames] },
    tables: tableViews(guest),
    references: referencesByType(check),
    idleTables: check.idleTables,
    contradictions: check.contradictions.map((c) => ({
      kind: c.kind,
      rule: c.rule,
      table: c.tablePfn ?? null,
      slot: c.slot,
      target: c.targetPfn,
      text: contradictionLines(c),
    })),
    contradictionCount: check.contradictionCount,
    sharedInfo: {
      maxPfn: hex(sharedInfo.maxPfn),
      wallclock: sharedInfo.wallclock,
      ports: sharedInfo.ports,
      pending: setPorts(sharedInfo.pending),
      masked: setPorts(sharedInfo.mask),
      vcpus: sharedInfo.vcpuInfo.slice(0, highest + 1).map((info, id) => ({
        id,
        upcallPending: info.upcallPending,
        upcallMask: info.upcallMask,
        pendingSelector: hex(info.pendingSelector),
      })),
    },
  };
};

const hvmView = ({ context, params }: HvmGuest): HvmView => ({
  context: context.map(({ name, instance, length }) => ({ name, instance, length })),
  params: params.map(({ index, value }) => ({ index, value: hex(value) })),
});

const vcpuViews = (guest: GuestImage): VcpuView[] =>
  guest.type === 'hvm'
    ? guest.vcpus.map(({ id, registers }) => ({ id, registers: hexed(registers) }))
    : guest.vcpus.map((v) => ({
        id: v.id,
        online: v.online,
        inKernel: v.inKernel,
        rootPfn: v.rootPfn,
        userRootPfn: v.userRootPfn ?? null,
        gdt: { entries: v.gdtEntries, pfns: v.gdtPfns },
        registers: hexed(v.registers),
      }));

const byType = ({ types }: GuestImage['pages']): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const type of types) counts[typeName(type)] = (counts[typeName(type)] ?? 0) + 1;
  return counts;
};

/** The whole of a guest; takes time and room in the order of its pages and tables. */
export const guestView = (stream: string, guest: GuestImage): GuestView => ({
  stream,
  version: guest.version,
  endian: guest.endian,
  xen: guest.xen.major === 0 ? null : `${guest.xen.major}.${guest.xen.minor}`,
  type: guestKind(guest),
  pages: {
    named: guest.pages.pfns.length,
    present: guest.pages.types.reduce((n, type) => n + (hasPage(type) ? 1 : 0), 0),
    byType: byType(guest.pages),
    runs: typeRuns(guest),
  },
  vcpus: vcpuViews(guest),
  tsc: guest.tsc === undefined ? null : { ...guest.tsc, nsec: guest.tsc.nsec.toString() },
  policyBytes: { cpuid: guest.cpuidPolicyBytes, msr: guest.msrPolicyBytes },
  pv: guest.type === 'pv' ? pvView(guest) : null,
  hvm: guest.type === 'hvm' ? hvmView(guest) : null,
  remarks: guest.remarks.map(({ offset, layer, record, message, rule }) => ({
    text: `${hex(offset)}: ${layer} ${record}: ${message} (${rule})`,
    places: [],
  })),
});
