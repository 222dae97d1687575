/**
 * What a deterministic function gave, found again by the places it read. Such
 * a function always reads the same place first, and what it reads next hangs
 * on what it found: its calls form a decision tree, grown as calls are made.
 */
import type { Resting, Slots } from './slots.ts';

/** A test of one slot, or (slot -1) the result under the tests above it. */
export class Branch<Out> {
  readonly slot: number;
  readonly kids: (Branch<Out> | undefined)[] = [];
  readonly out: Out | undefined;

  constructor(slot: number, out: Out | undefined) {
    this.slot = slot;
    this.out = out;
  }
}

/** A decision tree that forgets everything when the ground that it rests on changes. */
export class Memo<Out> implements Resting {
  root: Branch<Out> | undefined = undefined;
  /** Results held. */
  leaves = 0;
  /** Calls that had to be made since the start, and answers given. */
  misses = 0;
  hits = 0;
  private readonly slots: Slots;
  private readonly grounds = new Set<number>();
  readonly uses = new Set<Resting>();

  /** @param forgets false for a tree that is dropped, with what holds it */
  constructor(slots: Slots, forgets = true) {
    this.slots = slots;
    if (forgets) slots.whenShaken(this);
  }

  /** What is kept here rests on this too. */
  rest(grounds: readonly number[]): void {
    for (let i = 0; i < grounds.length; i++) this.grounds.add(grounds[i] as number);
  }

  restsOn(ground: number): boolean {
    return this.grounds.has(ground);
  }

  /** Forgets all results. */
  clear(): void {
    this.root = undefined;
    this.leaves = 0;
    this.grounds.clear();
    this.uses.clear();
  }

  /** The leaf for `v`, or undefined if that case was never seen. */
  find(v: Int32Array): Branch<Out> | undefined {
    let at = this.root;
    while (at !== undefined && at.slot >= 0) at = at.kids[v[at.slot] as number];
    return at;
  }

  /**
   * Keeps a result.
   *
   * @param reads the slots that the result may depend on, a superset; those
   *   with one value only are grounds instead, to be given to `rest`
   * @param v the values of those slots when they were read
   * @param epoch the epoch of the slots when the call began: a result from an
   *   ended epoch is dropped, for it may rest on a slot that varies now
   */
  keep(reads: readonly number[], v: Int32Array, out: Out, epoch: number): void {
    if (epoch !== this.slots.epoch) return;
    const rest = new Set(reads);
    let parent: Branch<Out> | undefined;
    let at = this.root;
    while (at !== undefined && at.slot >= 0) {
      rest.delete(at.slot);
      parent = at;
      at = at.kids[v[at.slot] as number];
    }
    for (const slot of rest) {
      const next = new Branch<Out>(slot, undefined);
      this.hang(parent, v, next);
      parent = next;
    }
    this.hang(parent, v, new Branch(-1, out));
    this.leaves++;
  }

  private hang(parent: Branch<Out> | undefined, v: Int32Array, child: Branch<Out>): void {
    if (parent === undefined) {
      this.root = child;
      return;
    }
    const id = v[parent.slot] as number;
    while (parent.kids.length < id) parent.kids.push(undefined);
    parent.kids[id] = child;
  }
}
