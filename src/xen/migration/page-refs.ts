/** References to the pages of one guest, derived from what refers to them. */

/** Types of `type_info` (F8.3), of those that a save stream can show. */
export const PAGE_TYPE = {
  none: 0,
  l1: 1,
  l2: 2,
  l3: 3,
  l4: 4,
  segDesc: 5,
  writable: 7,
} as const;

/**
 * Counts for each page, by its index in the guest's page list: what
 * `count_info` and `type_info` would be with nobody outside the guest
 * referring to its pages (no grants mapped, no foreign mappings).
 */
export class PageRefs {
  /** General references (F8.4). */
  readonly general: Uint32Array;
  /** Type of those pages that have a type count; else 0. */
  readonly type: Uint8Array;
  readonly typeCount: Uint32Array;
  /** Entries of a table to others of its level, and such entries to it (F8.6). */
  readonly #linearOut: Map<number, number> = new Map();
  readonly #linearIn: Map<number, number> = new Map();

  constructor(pages: number) {
    this.general = new Uint32Array(pages);
    this.type = new Uint8Array(pages);
    this.typeCount = new Uint32Array(pages);
  }

  addGeneral(index: number): void {
    this.general[index] = (this.general[index] ?? 0) + 1;
  }

  /** A type reference; the caller has made sure that the types agree. */
  addType(index: number, type: number): void {
    this.type[index] = type;
    this.typeCount[index] = (this.typeCount[index] ?? 0) + 1;
  }

  addLinear(from: number, to: number): void {
    this.#linearOut.set(from, (this.#linearOut.get(from) ?? 0) + 1);
    this.#linearIn.set(to, (this.#linearIn.get(to) ?? 0) + 1);
  }

  /** `linear_pt_count`: above 0 for a table that uses others, below for one used. */
  linear(index: number): number {
    return (this.#linearOut.get(index) ?? 0) - (this.#linearIn.get(index) ?? 0);
  }

  /** Tables on both sides of linear entries, which may not be (XSA-240). */
  linearOnBothSides(): readonly number[] {
    return [...this.#linearOut.keys()].filter((index) => this.#linearIn.has(index));
  }
}
