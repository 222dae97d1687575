/**
 * What the machine's assigns do to the context, learned one by one: the
 * object form one field at a time, since fields are computed apart.
 */
import type { ContextTree, ItemWrites } from './context.ts';
import type { AssignCall } from './instrument.ts';
import { Memo } from './memo.ts';
import { type Observation, observe, SAMPLE } from './observe.ts';
import { type Part, putAll, type Written, withoutUnchanged } from './part.ts';
import type { Put } from './place.ts';
import { Fault, messageOf, Unexplorable } from './problem.ts';
import type { Slots } from './slots.ts';
import { Table } from './table.ts';
import type { Tracker } from './tracker.ts';

type AssignFunction = (args: unknown, params: unknown) => unknown;

/** A tree of more results is given up if fewer than 8 answers came of each. */
const MAX_LEAVES = 4096;

/** So many runs must read the same slots before a table takes over from the tree. */
const STEADY = 32;

/** After so many results the plain run beside the tracked one becomes rare. */
const TRUSTED = 256;

const spawn = () => {
  throw new Unexplorable('assign', 'spawns an actor');
};
const outside = (what: string): object =>
  new Proxy(
    {},
    {
      get: (_target, key) => {
        throw new Unexplorable('assign', `looks at ${what}.${String(key)}`);
      },
    },
  );
const self = outside('self');
const system = outside('system');

export class Assigns {
  private readonly slots: Slots;
  private readonly tracker: Tracker;
  private readonly context: ContextTree;
  private readonly parts = new Map<AssignCall, readonly Part[]>();
  /** Writes held back until all fields are computed. */
  private readonly pending: number[] = [];
  private pendingCount = 0;
  private readonly later: Put = (slot, id) => {
    this.pending[this.pendingCount++] = slot;
    this.pending[this.pendingCount++] = id;
  };
  /** The plain context of the state that steps are made from, if it was made. */
  private plain: unknown = undefined;
  private plainValid = false;
  /** Whether no assign of this step has changed the context yet. */
  private pristine = true;
  note: (slot: number) => void = () => {};
  /** Called for each tree that writes come from. */
  use: (memo: Memo<Written>) => void = () => {};
  /** Whether these are to be called at all. */
  noting = false;

  /** Results after which the plain run beside the tracked one becomes rare. */
  private readonly doubts: number;

  /** @param sampled rare from the beginning */
  constructor(slots: Slots, tracker: Tracker, context: ContextTree, sampled: boolean) {
    this.slots = slots;
    this.tracker = tracker;
    this.context = context;
    this.doubts = sampled ? 0 : TRUSTED;
  }

  /** Steps are made from another state now. */
  forget(): void {
    this.plainValid = false;
  }

  /** A step begins. */
  begin(): void {
    this.pristine = true;
  }

  /** Applies one assign to the state `v`. */
  apply(v: Int32Array, call: AssignCall, put: Put): void {
    const { pending } = this;
    this.pendingCount = 0;
    const parts = this.partsOf(call);
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p] as Part;
      if (part.plain) {
        this.runPlain(part, v);
        continue;
      }
      if (this.noting) this.use(part.memo);
      const before = this.pendingCount;
      if (this.found(part, v)) continue;
      this.pendingCount = before;
      this.learn(part, v, this.later);
    }
    const count = this.pendingCount;
    for (let i = 0; i < count; i += 2) {
      put(pending[i] as number, pending[i + 1] as number);
    }
    if (count > 0) this.pristine = false;
  }

  /** Holds back what a part writes; false if that is not known, or not all of it. */
  private found(part: Part, v: Int32Array): boolean {
    const { table, memo } = part;
    if (table?.fits(this.slots)) {
      const writes = table.find(v);
      if (writes === undefined) return false;
      if (this.noting) for (const slot of table.reads) this.note(slot);
      this.hold(writes);
      return true;
    }
    const written = this.walk(memo, v);
    if (written === undefined) return false;
    this.hold(written.writes);
    const { items } = written;
    for (let i = 0; i < items.length; i++) {
      const writes = this.walk(items[i] as Memo<readonly number[]>, v);
      if (writes === undefined) return false;
      this.hold(writes);
    }
    memo.hits++;
    return true;
  }

  private walk<Out>(memo: Memo<Out>, v: Int32Array): Out | undefined {
    let at = memo.root;
    while (at !== undefined && at.slot >= 0) {
      if (this.noting) this.note(at.slot);
      at = at.kids[v[at.slot] as number];
    }
    return at?.out;
  }

  private hold(writes: readonly number[]): void {
    const { pending } = this;
    for (let i = 0; i < writes.length; i++) pending[this.pendingCount++] = writes[i] as number;
  }

  /** The parts of an assign, learned apart. */
  partsOf(call: AssignCall): readonly Part[] {
    const known = this.parts.get(call);
    if (known !== undefined) return known;
    const { assignment } = call.action;
    const make = (key: string | undefined, body: unknown): Part => ({
      key,
      place: `assign${key === undefined ? '' : ` ${key}`} on ${call.event.type}`,
      run:
        typeof body === 'function'
          ? (context) => {
              const args = { context, event: call.event, spawn, self, system };
              return (body as AssignFunction)(args, call.params);
            }
          : () => body,
      memo: new Memo(this.slots),
      itemWise: true,
      hasItems: false,
      table: undefined,
      steady: [],
      steadyFor: 0,
      plain: false,
    });
    const parts =
      typeof assignment === 'function'
        ? [make(undefined, assignment)]
        : Object.entries(assignment as Record<string, unknown>).map(([key, body]) =>
            make(key, body),
          );
    this.parts.set(call, parts);
    return parts;
  }

  /** Whether an assign makes items apart: the step is better not learned as a whole. */
  isItemWise(call: AssignCall): boolean {
    return this.partsOf(call).some((part) => part.hasItems);
  }

  private learn(part: Part, v: Int32Array, put: Put): void {
    const { epoch } = this.slots;
    part.memo.misses++;
    const seen = this.trusted(part, v) ?? this.compared(part, v);
    const writes: number[] = [];
    const write = () => this.absorb(part, seen.value, v, (slot, id) => writes.push(slot, id));
    let items: readonly ItemWrites[] = [];
    if (seen.tracked && part.itemWise) items = this.context.itemWise(write);
    else write();
    putAll(writes, put);
    for (const item of items) putAll(item.writes, put);
    if (!seen.tracked) {
      part.plain = true;
      this.note(-1);
      return;
    }
    const { reads } = this.tracker;
    for (const slot of reads) this.note(slot);
    for (const item of items) for (const slot of item.reads) this.note(slot);
    if (epoch !== this.slots.epoch) return;
    part.memo.rest(this.tracker.grounds);
    const kept = withoutUnchanged(writes, reads, v);
    if (items.length > 0) {
      part.hasItems = true;
      part.table = undefined;
    } else if (!part.hasItems && this.tabulate(part, v, kept)) return;
    this.keep(part, v, kept, items);
    const { memo } = part;
    if (memo.misses <= MAX_LEAVES || memo.hits >= 8 * memo.misses) return;
    if (items.length > 0) {
      part.itemWise = false;
      part.hasItems = false;
      memo.clear();
    } else if (memo.leaves > MAX_LEAVES) part.plain = true;
  }

  private keep(
    part: Part,
    v: Int32Array,
    writes: readonly number[],
    items: readonly ItemWrites[],
  ): void {
    const { reads } = this.tracker;
    const { epoch } = this.slots;
    let written = part.memo.find(v)?.out;
    if (written === undefined) {
      written = { writes, items: items.map(() => new Memo(this.slots, false)) };
      part.memo.keep(reads, v, written, epoch);
    }
    for (const [i, item] of items.entries()) {
      const memo = written.items[i];
      if (memo === undefined || memo.find(v) !== undefined) continue;
      memo.keep(item.reads, v, withoutUnchanged(item.writes, [...reads, ...item.reads], v), epoch);
    }
  }

  /** Keeps a result in a table, if the runs of late all read the same slots. */
  private tabulate(part: Part, v: Int32Array, writes: readonly number[]): boolean {
    const { reads } = this.tracker;
    const { steady } = part;
    const same = reads.length === steady.length && reads.every((slot, i) => slot === steady[i]);
    part.steadyFor = same ? part.steadyFor + 1 : 0;
    if (!same) part.steady = [...reads];
    if (part.table !== undefined && !part.table.fits(this.slots)) part.table = undefined;
    if (part.table !== undefined) {
      if (part.table.keep(reads, v, writes)) return true;
      part.table = undefined;
      part.steadyFor = Number.NEGATIVE_INFINITY;
    } else if (part.steadyFor >= STEADY) {
      part.memo.clear();
      part.memo.rest(this.tracker.grounds);
      part.table = Table.over(reads, this.slots);
      return part.table?.keep(reads, v, writes) ?? false;
    }
    return false;
  }

  /** Runs a part tracked and plain. */
  private compared(part: Part, v: Int32Array): Observation<unknown> {
    const { tracker, context } = this;
    return observe({
      place: part.place,
      plainOnly: false,
      context: () => context.lendFrozen(v),
      plain: part.run,
      tracked: () => {
        tracker.begin(v);
        return part.run(context.tracked());
      },
      key: (value) => tracker.unlisted(() => context.keyOf(value, part.place)),
    });
  }

  /** Runs a part that proved trackable tracked only; undefined if it balks. */
  private trusted(part: Part, v: Int32Array): Observation<unknown> | undefined {
    const { misses } = part.memo;
    if (misses <= this.doubts || misses % SAMPLE === 1) return undefined;
    this.tracker.begin(v);
    try {
      return { value: part.run(this.context.tracked()), tracked: true };
    } catch {
      // Why it balks shows when it is run both ways.
      return undefined;
    }
  }

  private absorb(part: Part, value: unknown, v: Int32Array, put: Put): void {
    const partial = this.partialOf(part, value);
    const keys = Object.keys(partial);
    this.context.addKeys(keys, v, true, put);
    for (const key of keys) this.context.absorbField(key, partial[key], put);
  }

  /** Runs a part on a plain context and writes what differs. */
  private runPlain(part: Part, v: Int32Array): void {
    this.note(-1);
    if (this.pristine && !this.plainValid) {
      this.plain = this.context.lend(v);
      this.plainValid = true;
    }
    let value: unknown;
    try {
      value = part.run(this.pristine ? this.plain : this.context.lend(v));
    } catch (problem) {
      if (problem instanceof Unexplorable || problem instanceof Fault) throw problem;
      throw new Fault('threw', part.place, messageOf(problem));
    }
    if (part.key !== undefined) {
      this.update(part.key, value, v);
      return;
    }
    const partial = this.partialOf(part, value);
    for (const key in partial) this.update(key, partial[key], v);
  }

  private update(key: string, value: unknown, v: Int32Array): void {
    if (this.context.updateField(key, value, v, this.later)) return;
    this.context.addKeys([key], v, false, this.later);
    this.context.absorbField(key, value, this.later);
  }

  private partialOf(part: Part, value: unknown): Record<string, unknown> {
    if (part.key !== undefined) return { [part.key]: value };
    if (typeof value !== 'object' || value === null) return {};
    return value as Record<string, unknown>;
  }
}
