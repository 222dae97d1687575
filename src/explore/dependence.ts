/**
 * Which events may get in each other's way: what each was seen to read and to
 * write, in whatever state it was tried. Properties are passive events: they
 * read, and write nothing.
 */

/** One evaluation: what it looked at on its way to a result. */
export interface Note {
  readonly reads: readonly number[];
  /** True if it may have looked at anything. */
  readonly opaque: boolean;
}

export class Dependence {
  /** Rises when something was seen that was not known. */
  version = 0;
  private readonly reads = new Map<number, Set<number>>();
  private readonly writes = new Map<number, Set<number>>();
  private readonly opaque = new Set<number>();
  private readonly readers: Set<number>[] = [];
  private readonly writers: Set<number>[] = [];
  private readonly near = new Map<number, readonly number[]>();
  private nearFor = -1;

  /** Takes note of what actor `one` read and wrote. */
  note(one: number, { reads, opaque }: Note, writes: Iterable<number>): void {
    for (const slot of reads) this.enter(this.reads, this.readers, one, slot);
    for (const slot of writes) this.enter(this.writes, this.writers, one, slot);
    if (!opaque || this.opaque.has(one)) return;
    this.opaque.add(one);
    this.version++;
  }

  /** All that must go where `one` goes if it can happen. */
  of(one: number): readonly number[] {
    if (this.nearFor !== this.version) {
      this.near.clear();
      this.nearFor = this.version;
    }
    let near = this.near.get(one);
    if (near === undefined) {
      near = [...this.find(one)];
      this.near.set(one, near);
    }
    return near;
  }

  /** All that may change the result of an evaluation. */
  *changing({ reads, opaque }: Note): Generator<number> {
    if (opaque) yield* this.allWriting();
    else for (const slot of reads) yield* this.writers[slot] ?? [];
  }

  private find(one: number): Set<number> {
    const near = new Set<number>();
    const add = (others: Iterable<number>) => {
      for (const other of others) if (other !== one) near.add(other);
    };
    const writes = this.writes.get(one) ?? [];
    for (const slot of writes) {
      add(this.readers[slot] ?? []);
      add(this.writers[slot] ?? []);
      add(this.opaque);
    }
    for (const slot of this.reads.get(one) ?? []) add(this.writers[slot] ?? []);
    if (this.opaque.has(one)) add(this.allWriting());
    return near;
  }

  private *allWriting(): Generator<number> {
    for (const [one, writes] of this.writes) if (writes.size > 0) yield one;
  }

  private enter(of: Map<number, Set<number>>, at: Set<number>[], one: number, slot: number): void {
    let own = of.get(one);
    if (own === undefined) {
      own = new Set();
      of.set(one, own);
    }
    if (own.has(slot)) return;
    own.add(slot);
    while (at.length <= slot) at.push(new Set());
    (at[slot] as Set<number>).add(one);
    this.version++;
  }
}
