/**
 * What the machine's assigns do to the context, learned one by one: the
 * object form one field at a time, since fields are computed apart.
 */
import type { ContextTree, Put } from './context.ts';
import type { AssignCall } from './instrument.ts';
import { Memo } from './memo.ts';
import { type Observation, observe } from './observe.ts';
import { Fault, messageOf, Unexplorable } from './problem.ts';
import { MAX_SLOTS, type Slots } from './slots.ts';
import { Table } from './table.ts';
import type { Tracker } from './tracker.ts';

/** The part of an assign that is one function, or one constant. */
export interface Part {
  /** The field it computes; undefined if it gives several as an object. */
  readonly key: string | undefined;
  readonly place: string;
  readonly run: (context: unknown) => unknown;
  readonly memo: Memo<readonly number[]>;
  /** Takes over from the tree while every run reads the same slots. */
  table: Table | undefined;
  /** What the last run read, and how many runs in a row read just that. */
  steady: readonly number[];
  steadyFor: number;
  /** True once its tree does not help: it is run on a plain context each time. */
  plain: boolean;
}

type AssignFunction = (args: unknown, params: unknown) => unknown;

/** A tree of more results is given up if fewer than 8 answers came of each. */
const MAX_LEAVES = 4096;

/** So many runs must read the same slots before a table takes over from the tree. */
const STEADY = 32;

/** After so many results the plain run beside the tracked one becomes rare. */
const TRUSTED = 256;

/** How rare: one in so many. */
const SAMPLE = 16;

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
  /** Whether `note` is to be called at all. */
  noting = false;

  constructor(slots: Slots, tracker: Tracker, context: ContextTree) {
    this.slots = slots;
    this.tracker = tracker;
    this.context = context;
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
      const leaf = this.find(part, v);
      if (leaf === undefined) this.learn(part, v, this.later);
      else {
        for (let i = 0; i < leaf.length; i++) pending[this.pendingCount++] = leaf[i] as number;
      }
    }
    const count = this.pendingCount;
    for (let i = 0; i < count; i += 2) {
      put(pending[i] as number, pending[i + 1] as number);
    }
    if (count > 0) this.pristine = false;
  }

  private find(part: Part, v: Int32Array): readonly number[] | undefined {
    const { table, memo } = part;
    if (table?.fits(this.slots)) {
      const writes = table.find(v);
      if (writes === undefined) return undefined;
      if (this.noting) for (const slot of table.reads) this.note(slot);
      return writes;
    }
    let at = memo.root;
    while (at !== undefined && at.slot >= 0) {
      if (this.noting) this.note(at.slot);
      at = at.kids[v[at.slot] as number];
    }
    if (at === undefined) return undefined;
    memo.hits++;
    return at.out;
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

  private learn(part: Part, v: Int32Array, put: Put): void {
    const { epoch } = this.slots;
    part.memo.misses++;
    const seen = this.trusted(part, v) ?? this.compared(part, v);
    const writes: number[] = [];
    this.absorb(part, seen.value, v, (slot, id) => writes.push(slot, id));
    for (let i = 0; i < writes.length; i += 2) put(writes[i] as number, writes[i + 1] as number);
    if (!seen.tracked) {
      part.plain = true;
      this.note(-1);
      return;
    }
    const { reads } = this.tracker;
    for (const slot of reads) this.note(slot);
    const kept = withoutUnchanged(writes, reads, v);
    if (epoch !== this.slots.epoch || this.tabulate(part, v, kept)) return;
    part.memo.keep(reads, v, kept, epoch);
    if (part.memo.leaves > MAX_LEAVES && part.memo.hits < 8 * part.memo.misses) part.plain = true;
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
      part.table = Table.over(reads, this.slots);
      part.memo.clear();
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
    if (part.memo.misses <= TRUSTED || part.memo.misses % SAMPLE === 0) return undefined;
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

const readMark = new Uint8Array(MAX_SLOTS);

/** Drops writes of what a slot is known to hold, since it was read. */
function withoutUnchanged(
  writes: readonly number[],
  reads: readonly number[],
  v: Int32Array,
): readonly number[] {
  for (const slot of reads) readMark[slot] = 1;
  const kept: number[] = [];
  for (let i = 0; i < writes.length; i += 2) {
    const slot = writes[i] as number;
    const id = writes[i + 1] as number;
    if (readMark[slot] !== 1 || v[slot] !== id) kept.push(slot, id);
  }
  for (const slot of reads) readMark[slot] = 0;
  return kept;
}
