/**
 * Contents of a PV guest's page tables as the stream has them: canonical,
 * that is with pfns where the hardware has frame numbers, and without Xen's
 * own slots in L4 tables (F8.16).
 */

/** Entries of a page table. */
const TABLE_ENTRIES = 512;

/** Entry bits that say something about references (F8.5). */
const PTE_PRESENT = 1 << 0;
export const PTE_RW = 1 << 1;
/** In L2 and above: maps a large page, which PV guests may not. */
export const PTE_PSE = 1 << 7;

const FIRST_TABLES = 16;
const WORDS = 2 * TABLE_ENTRIES;

/** Tables by pfn, packed: 4 KiB each. */
export class PageTables {
  #words = new Uint32Array(FIRST_TABLES * WORDS);
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  #used = 0;

  /** Number of tables. */
  get count(): number {
    return this.#slots.size;
  }

  /** Pfns of the tables, in the order in which they came. */
  pfns(): IterableIterator<number> {
    return this.#slots.keys();
  }

  has(pfn: number): boolean {
    return this.#slots.has(pfn);
  }

  /** Keeps the contents of one table: 4096 bytes. A second time replaces. */
  put(pfn: number, bytes: Uint8Array, little: boolean): void {
    const slot = this.#slots.get(pfn) ?? this.#newSlot(pfn);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const base = slot * WORDS;
    const low = little ? 0 : 4;
    for (let entry = 0; entry < TABLE_ENTRIES; entry += 1) {
      this.#words[base + 2 * entry] = view.getUint32(8 * entry + low, little);
      this.#words[base + 2 * entry + 1] = view.getUint32(8 * entry + (4 - low), little);
    }
  }

  /** Forgets a table that has become another page. */
  drop(pfn: number): void {
    const slot = this.#slots.get(pfn);
    if (slot === undefined) return;
    this.#slots.delete(pfn);
    this.#free.push(slot);
  }

  /** Bits 31 to 0 of an entry: its flags. 0 when the table is not there. */
  flags(pfn: number, entry: number): number {
    const slot = this.#slots.get(pfn);
    return slot === undefined ? 0 : (this.#words[slot * WORDS + 2 * entry] ?? 0);
  }

  /** Pfn that an entry points to, present or not. */
  target(pfn: number, entry: number): number {
    const slot = this.#slots.get(pfn);
    if (slot === undefined) return 0;
    const at = slot * WORDS + 2 * entry;
    return frameOf(this.#words[at] ?? 0, this.#words[at + 1] ?? 0);
  }

  /** Calls `visit` for each present entry of one table, in order of slots. */
  present(pfn: number, visit: (slot: number, flags: number, target: number) => void): void {
    const place = this.#slots.get(pfn);
    if (place === undefined) return;
    for (let entry = 0; entry < TABLE_ENTRIES; entry += 1) {
      const at = place * WORDS + 2 * entry;
      const flags = this.#words[at] ?? 0;
      if ((flags & PTE_PRESENT) === 0) continue;
      visit(entry, flags, frameOf(flags, this.#words[at + 1] ?? 0));
    }
  }

  #newSlot(pfn: number): number {
    const slot = this.#free.pop() ?? this.#used++;
    if ((slot + 1) * WORDS > this.#words.length) {
      const grown = new Uint32Array(2 * this.#words.length);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#slots.set(pfn, slot);
    return slot;
  }
}

/** Bits 51 to 12 of an entry. */
const frameOf = (low: number, high: number): number =>
  (high & 0x000fffff) * 0x10_0000 + (low >>> 12);
