/**
 * What the machine's assigns do to the context, learned one by one: the
 * object form one field at a time, since fields are computed apart.
 */
import type { ContextTree, Put } from './context.ts';
import type { AssignCall } from './instrument.ts';
import { Memo } from './memo.ts';
import { observe } from './observe.ts';
import { Fault, messageOf, Unexplorable } from './problem.ts';
import { MAX_SLOTS, type Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { canonical } from './values.ts';

/** The part of an assign that is one function, or one constant. */
interface Part {
  /** The field it computes; undefined if it gives several as an object. */
  readonly key: string | undefined;
  readonly place: string;
  readonly run: (context: unknown) => unknown;
  readonly memo: Memo<readonly number[]>;
  /** True once its tree does not help: it is run on a plain context each time. */
  plain: boolean;
}

type AssignFunction = (args: unknown, params: unknown) => unknown;

/** A tree of more results is given up if fewer than 8 answers came of each. */
const MAX_LEAVES = 256;

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
  private readonly later: Put = (slot, id) => {
    this.pending.push(slot, id);
  };
  /** The plain context of the state that steps are made from, if it was made. */
  private plain: unknown = undefined;
  private plainValid = false;
  /** Whether no assign of this step has changed the context yet. */
  private pristine = true;
  note: (slot: number) => void = () => {};

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
    pending.length = 0;
    for (const part of this.partsOf(call)) {
      if (part.plain) {
        this.runPlain(part, v);
        continue;
      }
      const leaf = this.find(part, v);
      if (leaf === undefined) this.learn(part, v, this.later);
      else for (let i = 0; i < leaf.length; i++) pending.push(leaf[i] as number);
    }
    for (let i = 0; i < pending.length; i += 2) {
      put(pending[i] as number, pending[i + 1] as number);
    }
    if (pending.length > 0) this.pristine = false;
  }

  private find(part: Part, v: Int32Array): readonly number[] | undefined {
    let at = part.memo.root;
    while (at !== undefined && at.slot >= 0) {
      this.note(at.slot);
      at = at.kids[v[at.slot] as number];
    }
    if (at === undefined) return undefined;
    part.memo.hits++;
    return at.out;
  }

  private partsOf(call: AssignCall): readonly Part[] {
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
    const { tracker, context, slots } = this;
    const { epoch } = slots;
    part.memo.misses++;
    const seen = observe({
      place: part.place,
      plainOnly: false,
      context: () => context.materialise(v),
      plain: part.run,
      tracked: () => {
        tracker.begin(v);
        return part.run(context.tracked());
      },
      key: (value) => tracker.unlisted(() => canonical(context.plainOf(value), part.place)),
    });
    const writes: number[] = [];
    this.absorb(part, seen.value, v, (slot, id) => writes.push(slot, id));
    for (let i = 0; i < writes.length; i += 2) put(writes[i] as number, writes[i + 1] as number);
    if (!seen.tracked) {
      part.plain = true;
      this.note(-1);
      return;
    }
    const { reads } = tracker;
    for (const slot of reads) this.note(slot);
    part.memo.keep(reads, v, withoutUnchanged(writes, reads, v), epoch);
    if (part.memo.leaves > MAX_LEAVES && part.memo.hits < 8 * part.memo.misses) part.plain = true;
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
      this.plain = this.context.materialise(v);
      this.plainValid = true;
    }
    let value: unknown;
    try {
      value = part.run(this.pristine ? this.plain : this.context.materialise(v));
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
