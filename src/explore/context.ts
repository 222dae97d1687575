/** The context of a machine as a tree of places; see `place.ts`. */
import { derivedFrom } from './derived.ts';
import { Lender, type Lent, plainAt } from './lender.ts';
import { Looker } from './looker.ts';
import { lentFrom, type Place, type Put, placeAt, placeOf } from './place.ts';
import { Unexplorable } from './problem.ts';
import { ABSENT, type Desc, type Domain, describe, type Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { canonical, MAX_DEPTH } from './values.ts';

/** What is written for one item of a result, and the reads that it rests on. */
export interface ItemWrites {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

export class ContextTree {
  private readonly slots: Slots;
  private readonly tracker: Tracker;
  private readonly lender: Lender;
  private readonly looker: Looker;
  private root: Place | undefined;
  private readonly places = new Map<number, Place>();
  /** Places that came after the first state: the slot above each, and its key. */
  readonly grown: (readonly [number, string | number])[] = [];
  /** Takes what is written for single items, where that is wanted. */
  private byItem: ItemWrites[] | undefined;

  constructor(slots: Slots, tracker: Tracker) {
    this.slots = slots;
    this.tracker = tracker;
    this.lender = new Lender(slots);
    this.looker = new Looker(tracker);
  }

  /** Makes the tree for the first context and writes its values. */
  start(context: unknown, put: Put): void {
    this.root = this.create('context', context, put);
  }

  /** Grows the places of a checkpoint again, in their order. */
  regrow(grown: readonly (readonly [number, string | number])[]): void {
    for (const [slot, key] of grown) {
      const parent = this.places.get(slot);
      if (parent !== undefined) this.grow(parent, key);
    }
  }

  /** A plain copy of the context of `v`. */
  materialise(v: Int32Array): unknown {
    return this.root === undefined ? undefined : plainAt(this.root, v);
  }

  /** A plain context to be changed at will, but for what never differs: that is frozen. */
  lend(v: Int32Array): unknown {
    return this.lender.lend(this.root, v);
  }

  /** A plain context that is frozen as far as can be. */
  lendFrozen(v: Int32Array): Lent {
    return this.lender.lendFrozen(this.root, v);
  }

  /**
   * A text of a result's content, in which what stands at a place of the
   * context still is but the name of the place.
   */
  keyOf(value: unknown, where: string): string {
    return canonical(value, where, 0, (object) => {
      const place = placeOf.get(object) ?? lentFrom.get(object);
      return place === undefined ? undefined : `@${place.domain.slot}`;
    });
  }

  /** The context of the tracker's state; reading it is listed. */
  tracked(): unknown {
    return this.root === undefined ? undefined : this.looker.look(this.root);
  }

  /** Writes a whole context. */
  absorb(context: unknown, put: Put): void {
    if (this.root !== undefined) this.write(this.root, context, put);
  }

  /**
   * Writes one top-level field, as `Object.assign` would. Absent keys are added
   * to the root's keys by `keys`.
   */
  absorbField(key: string, value: unknown, put: Put): void {
    const root = this.root;
    if (root === undefined) return;
    const place = root.fields.get(key) ?? this.grow(root, key);
    this.write(place, value, put);
  }

  /**
   * Writes one top-level field of a state that has it already, skipping what
   * stays: for hot loops.
   *
   * @returns false if the context has no such key in `v`
   */
  updateField(key: string, value: unknown, v: Int32Array, put: Put): boolean {
    const place = this.root?.fields.get(key);
    if (place === undefined || v[place.domain.slot] === undefined) return false;
    const now = place.domain.descs[v[place.domain.slot] as number];
    if (now === undefined || now.kind === 'absent') return false;
    this.update(place, value, v, put);
    return true;
  }

  /** Adds keys to the root object, if they are new. */
  addKeys(keys: readonly string[], v: Int32Array, read: boolean, put: Put): void {
    const root = this.root;
    if (root === undefined) return;
    const { slot } = root.domain;
    const id = read ? this.tracker.read(slot) : (v[slot] as number);
    const now = root.domain.descs[id];
    if (now?.kind !== 'object') return;
    const fresh = keys.filter((key) => !now.keys.includes(key));
    if (fresh.length === 0) return;
    put(slot, this.slots.idOf(root.domain, { ...now, keys: [...now.keys, ...fresh] }));
  }

  /**
   * A plain copy of a value that may hold tracked parts; copying them counts
   * as reading them.
   */
  plainOf(value: unknown): unknown {
    return this.looker.plainOf(value);
  }

  /**
   * Runs `body`, which writes values: what is written for items that were made
   * apart is given by itself, with the reads that it rests on.
   */
  itemWise(body: () => void): readonly ItemWrites[] {
    const items: ItemWrites[] = [];
    this.byItem = items;
    try {
      body();
    } finally {
      this.byItem = undefined;
    }
    return items;
  }

  private create(name: string, value: unknown, put: Put, depth = 0): Place {
    if (depth > MAX_DEPTH) {
      throw new Unexplorable(name, `nests deeper than ${MAX_DEPTH} levels, or in a cycle`);
    }
    const desc = describe(value, name);
    const place = this.place(this.slots.add(name, desc));
    put(place.domain.slot, 0);
    if (desc.kind === 'array') {
      for (const [i, part] of (value as unknown[]).entries()) {
        place.items.push(this.create(`${name}.${i}`, part, put, depth + 1));
      }
    } else if (desc.kind === 'object') {
      for (const key of desc.keys) {
        const part = (value as Record<string, unknown>)[key];
        place.fields.set(key, this.create(`${name}.${key}`, part, put, depth + 1));
      }
    }
    return place;
  }

  private place(domain: Domain): Place {
    const place = placeAt(domain);
    this.places.set(domain.slot, place);
    return place;
  }

  /** A place that came into use after the first state. */
  private grow(parent: Place, key: string | number): Place {
    const { numbering } = this.slots;
    if (numbering === undefined) return this.growAlone(parent, key);
    return numbering.exclusively(() => {
      const known = typeof key === 'number' ? parent.items[key] : parent.fields.get(key);
      if (known !== undefined) return known;
      numbering.place(parent.domain.slot, key);
      return this.growAlone(parent, key);
    });
  }

  private growAlone(parent: Place, key: string | number): Place {
    const place = this.place(
      this.slots.add(`${parent.domain.name}.${key}`, ABSENT, parent.domain.slot),
    );
    if (typeof key === 'number') parent.items[key] = place;
    else parent.fields.set(key, place);
    this.grown.push([parent.domain.slot, key]);
    return place;
  }

  /** Writes `value` and everything below the place. */
  private write(place: Place, value: unknown, put: Put): void {
    if (typeof value === 'object' && value !== null && lentFrom.get(value) === place) return;
    const from = typeof value === 'object' && value !== null ? placeOf.get(value) : undefined;
    if (from === place) return;
    if (from !== undefined) {
      this.write(place, this.looker.readWhole(from), put);
      return;
    }
    if (this.writeItems(place, value, put)) return;
    let desc = describe(value, place.domain.name);
    if (desc.kind === 'kept') desc = { kind: 'kept', value: this.plainOf(desc.value) as object };
    this.tracker.writes(place.domain.slot);
    put(place.domain.slot, this.slots.idOf(place.domain, desc));
    const length = desc.kind === 'array' ? desc.length : 0;
    for (let i = 0; i < length; i++) {
      this.write(place.items[i] ?? this.grow(place, i), (value as unknown[])[i], put);
    }
    for (let i = length; i < place.items.length; i++) this.erase(place.items[i] as Place, put);
    const keys: readonly string[] = desc.kind === 'object' ? desc.keys : [];
    for (const key of keys) {
      const part = (value as Record<string, unknown>)[key];
      this.write(place.fields.get(key) ?? this.grow(place, key), part, put);
    }
    for (const [key, field] of place.fields) if (!keys.includes(key)) this.erase(field, put);
  }

  /** Writes an array whose items were made apart; false if it is none. */
  private writeItems(place: Place, value: unknown, put: Put): boolean {
    const derived = derivedFrom(value);
    if (derived === undefined) return false;
    const { byItem, tracker } = this;
    const { items } = derived;
    if (byItem === undefined || describe(items, place.domain.name).kind !== 'array') {
      for (const reads of derived.reads) for (const slot of reads) tracker.read(slot);
      this.write(place, items, put);
      return true;
    }
    this.tracker.writes(place.domain.slot);
    put(place.domain.slot, this.slots.idOf(place.domain, { kind: 'array', length: items.length }));
    // Arrays in arrays are taken whole.
    this.byItem = undefined;
    for (const [i, item] of items.entries()) {
      const at = place.items[i] ?? this.grow(place, i);
      const writes: number[] = [];
      const [, reads] = tracker.apart(() => {
        for (const slot of derived.reads[i] ?? []) tracker.read(slot);
        this.write(at, item, (slot, id) => writes.push(slot, id));
      });
      byItem.push({ reads, writes });
    }
    this.byItem = byItem;
    for (let i = items.length; i < place.items.length; i++)
      this.erase(place.items[i] as Place, put);
    for (const field of place.fields.values()) this.erase(field, put);
    return true;
  }

  private erase(place: Place, put: Put): void {
    this.tracker.writes(place.domain.slot);
    put(place.domain.slot, this.slots.idOf(place.domain, ABSENT));
    for (const item of place.items) this.erase(item, put);
    for (const field of place.fields.values()) this.erase(field, put);
  }

  /** Like `write` for a value without tracked parts, skipping what is the same. */
  private update(place: Place, value: unknown, v: Int32Array, put: Put): void {
    const { domain } = place;
    const desc = domain.descs[v[domain.slot] as number] as Desc;
    if (desc.kind === 'primitive') {
      if (Object.is(desc.value, value)) return;
      if (typeof value !== 'object' || value === null) {
        const known = Object.is(value, -0) ? undefined : domain.primitives.get(value);
        if (known !== undefined) put(domain.slot, known);
        else this.write(place, value, put);
        return;
      }
    }
    if (desc.kind === 'array' && Array.isArray(value) && value.length === desc.length) {
      const whole = value as unknown[];
      for (let i = 0; i < whole.length; i++) {
        const item = place.items[i] as Place;
        const old = item.domain.plain[v[item.domain.slot] as number];
        const now = whole[i];
        // Equal and not zero: the same, as Object.is says, and faster.
        if (old !== now || now === 0) this.update(item, now, v, put);
      }
      return;
    }
    this.write(place, value, put);
  }
}
