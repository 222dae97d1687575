/**
 * References that a PV guest's page tables hold, counted by the rules of
 * F8.3 to F8.6, and what in the tables contradicts the page types that the
 * stream states.
 */
import type { PvGuest } from './guest-image.ts';
import { pageIndex } from './page-list.ts';
import { PAGE_TYPE, PageRefs } from './page-refs.ts';
import { PTE_PSE, PTE_RW } from './page-tables.ts';
import { hasPage, isPinned, PFINFO, tableLevel } from './record-types.ts';

/** Slots of a 64-bit L4 table that are Xen's own; empty in a stream (F8.16). */
const XEN_L4_SLOTS = { first: 256, last: 271 } as const;
/** Slots of an L3 table that a 32-bit guest uses. */
const PAE_ROOT_SLOTS = 4;

/** Why an entry, or a root, cannot be what the stream's types say. */
export type ContradictionKind =
  /** The pfn has no page in the stream, or one that is broken or invalid. */
  | 'no-page'
  /** An L2 to L4 entry points to a page of another type than it has to. */
  | 'wrong-type'
  /** An L1 entry maps a page table writable. */
  | 'writable-table'
  /** An L1 entry maps a page of the GDT writable. */
  | 'writable-gdt'
  /** An entry to a table of the same level is writable (F8.6). */
  | 'writable-linear'
  /** A table is used by, and uses, tables of its own level (F8.6). */
  | 'linear-both'
  /** An L2 or higher entry maps a large page. */
  | 'large-page'
  /** An L4 entry in one of Xen's own slots (F8.16). */
  | 'xen-slot'
  /** cr3, or the user's root, is no root table. */
  | 'wrong-root'
  /** A page of the GDT is a page table. */
  | 'gdt-table';

/** One contradiction: the entry, or for roots and GDTs the vCPU. */
export interface Contradiction {
  readonly kind: ContradictionKind;
  /** The fact that is broken. */
  readonly rule: string;
  /** Table that holds the entry; undefined for a vCPU's root or GDT. */
  readonly tablePfn: number | undefined;
  /** PFINFO type of that table. */
  readonly tableType: number | undefined;
  /** Slot of the entry, or number of the vCPU. */
  readonly slot: number;
  /** What the entry points to, and its PFINFO type if it has a page. */
  readonly targetPfn: number;
  readonly targetType: number | undefined;
}

export interface TableCheck {
  /** Derived references, parallel to the guest's page list. */
  readonly refs: PageRefs;
  /** The first `CONTRADICTIONS_KEPT` of them, in order of discovery. */
  readonly contradictions: readonly Contradiction[];
  readonly contradictionCount: number;
  /**
   * Tables that nothing refers to: their type has a count of 0. Lawful, a
   * type outlives its last reference (F8.3); their entries hold nothing.
   */
  readonly idleTables: readonly number[];
}

/** Contradictions kept; a damaged table has hundreds. */
const CONTRADICTIONS_KEPT = 1000;

const RULES: Readonly<Record<ContradictionKind, string>> = {
  'no-page': 'F8.5',
  'wrong-type': 'F8.5',
  'writable-table': 'I8.5',
  'writable-gdt': 'F8.3',
  'writable-linear': 'F8.6',
  'linear-both': 'F8.6',
  'large-page': 'F8.5',
  'xen-slot': 'F8.16',
  'wrong-root': 'F8.5',
  'gdt-table': 'F8.3',
};

/**
 * Walks all tables that are in use: pinned, loaded in a cr3, or referred to
 * by a table in use. Linear in the number of entries of these tables.
 */
export const checkTables = (guest: PvGuest): TableCheck => new Checker(guest).run();

class Checker {
  readonly #guest: PvGuest;
  readonly #refs: PageRefs;
  readonly #found: Contradiction[] = [];
  #count = 0;
  /** Indices of tables whose entries are still to be counted. */
  readonly #waiting: number[] = [];
  readonly #inUse: Uint8Array;

  constructor(guest: PvGuest) {
    this.#guest = guest;
    this.#refs = new PageRefs(guest.pages.pfns.length);
    this.#inUse = new Uint8Array(guest.pages.pfns.length);
  }

  run(): TableCheck {
    const { pfns, types } = this.#guest.pages;
    for (const [index, type] of types.entries()) {
      // A page of the domain holds one reference of its own: PGC_allocated.
      if (hasPage(type)) this.#refs.addGeneral(index);
      if (isPinned(type)) this.#use(index);
    }
    // Descriptor pages first: an L1 entry is judged by what its target is.
    this.#descriptors();
    this.#roots();
    for (;;) {
      const index = this.#waiting.pop();
      if (index === undefined) break;
      this.#table(index);
    }
    this.#linear();
    const idle = [...types.keys()].filter(
      (index) => tableLevel(types[index] ?? 0) > 0 && this.#inUse[index] === 0,
    );
    return {
      refs: this.#refs,
      contradictions: this.#found,
      contradictionCount: this.#count,
      idleTables: idle.map((index) => pfns[index] ?? 0),
    };
  }

  #roots(): void {
    const { vcpus, levels } = this.#guest;
    for (const vcpu of vcpus) {
      for (const pfn of [vcpu.rootPfn, vcpu.userRootPfn]) {
        if (pfn === undefined) continue;
        const index = this.#indexOf(pfn);
        if (index >= 0 && tableLevel(this.#typeOf(index)) === levels) this.#use(index);
        else this.#contradict('wrong-root', undefined, vcpu.id, pfn);
      }
    }
  }

  #descriptors(): void {
    for (const vcpu of this.#guest.vcpus) {
      for (const pfn of vcpu.gdtPfns) {
        const index = this.#indexOf(pfn);
        if (index < 0) this.#contradict('no-page', undefined, vcpu.id, pfn);
        else if (tableLevel(this.#typeOf(index)) > 0) {
          this.#contradict('gdt-table', undefined, vcpu.id, pfn);
        } else {
          this.#refs.addGeneral(index);
          this.#refs.addType(index, PAGE_TYPE.segDesc);
        }
      }
    }
  }

  /** One more reference that makes a table a table of its level. */
  #use(index: number): void {
    this.#refs.addGeneral(index);
    this.#refs.addType(index, tableLevel(this.#typeOf(index)));
    if (this.#inUse[index] === 1) return;
    this.#inUse[index] = 1;
    this.#waiting.push(index);
  }

  #table(index: number): void {
    const table = this.#guest.pages.pfns[index] ?? 0;
    const level = tableLevel(this.#typeOf(index));
    const isRoot = level === this.#guest.levels;
    this.#guest.tables.present(table, (slot, flags, target) => {
      if (isRoot && level === 3 && slot >= PAE_ROOT_SLOTS) return;
      if (level === 4 && slot >= XEN_L4_SLOTS.first && slot <= XEN_L4_SLOTS.last) {
        this.#contradict('xen-slot', index, slot, target);
        return;
      }
      const child = this.#indexOf(target);
      if (child < 0) this.#contradict('no-page', index, slot, target);
      else if (level === 1) this.#leaf(index, slot, flags, child, target);
      else this.#branch(index, level, slot, flags, child, target);
    });
  }

  /** An L1 entry: a reference, and a writable one if the entry is (F8.5). */
  #leaf(index: number, slot: number, flags: number, child: number, target: number): void {
    this.#refs.addGeneral(child);
    if ((flags & PTE_RW) === 0) return;
    if (tableLevel(this.#typeOf(child)) > 0) {
      this.#contradict('writable-table', index, slot, target);
    } else if (this.#refs.type[child] === PAGE_TYPE.segDesc) {
      this.#contradict('writable-gdt', index, slot, target);
    } else this.#refs.addType(child, PAGE_TYPE.writable);
  }

  /** An entry of a higher table: a reference to a table one level down. */
  #branch(
    index: number,
    level: number,
    slot: number,
    flags: number,
    child: number,
    target: number,
  ): void {
    const below = tableLevel(this.#typeOf(child));
    if ((flags & PTE_PSE) !== 0 && level < 4) this.#contradict('large-page', index, slot, target);
    else if (below === level - 1) this.#use(child);
    else if (below !== level) this.#contradict('wrong-type', index, slot, target);
    else if ((flags & PTE_RW) !== 0) this.#contradict('writable-linear', index, slot, target);
    else if (child !== index) {
      this.#use(child);
      this.#refs.addLinear(index, child);
    }
  }

  #linear(): void {
    for (const index of this.#refs.linearOnBothSides()) {
      const pfn = this.#guest.pages.pfns[index] ?? 0;
      this.#contradict('linear-both', index, 0, pfn);
    }
  }

  /** Index of a pfn that has a page; -1 for others. */
  #indexOf(pfn: number): number {
    const index = pageIndex(this.#guest.pages, pfn);
    return index >= 0 && hasPage(this.#typeOf(index)) ? index : -1;
  }

  #typeOf(index: number): number {
    return this.#guest.pages.types[index] ?? PFINFO.XTAB;
  }

  #contradict(
    kind: ContradictionKind,
    table: number | undefined,
    slot: number,
    target: number,
  ): void {
    this.#count += 1;
    if (this.#found.length === CONTRADICTIONS_KEPT) return;
    const { pages } = this.#guest;
    const index = pageIndex(pages, target);
    this.#found.push({
      kind,
      rule: RULES[kind],
      tablePfn: table === undefined ? undefined : pages.pfns[table],
      tableType: table === undefined ? undefined : pages.types[table],
      slot,
      targetPfn: target,
      targetType: index < 0 ? undefined : pages.types[index],
    });
  }
}
