/**
 * The context of a machine as a tree of places. Each object, array and leaf
 * is one slot: an object's slot holds its keys, an array's its length, a
 * leaf's the value itself. A place below something that is not there holds
 * "absent", so that equal contexts are equal vectors.
 */
import { Fault, Unexplorable } from './problem.ts';
import { type Desc, type Domain, describe, type Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { canonical, cloneValue, define, isSame, MAX_DEPTH } from './values.ts';

/** Writes a value id to a slot of the state that is being made. */
export type Put = (slot: number, id: number) => void;

/** One place and the places below it that were ever in use. */
interface Place {
  readonly domain: Domain;
  readonly items: Place[];
  readonly fields: Map<string, Place>;
  proxy: object | undefined;
  proxyRun: number;
  /** The epoch for which `constant` was worked out. */
  epoch: number;
  /** True if nothing at or below the place ever differed, nor can be changed in place. */
  constant: boolean;
  /** The value of a constant place, made once for all. */
  value: unknown;
}

/** A context for one run of a function of the machine. */
export interface Lent {
  readonly context: unknown;
  /** False if something in it was changed that could not be frozen. */
  readonly intact: () => boolean;
}

/** What is behind a proxy that the tracked context handed out. */
const placeOf = new WeakMap<object, Place>();

/** Where a frozen object of a lent context stands. */
const lentFrom = new WeakMap<object, Place>();

function fail(place: Place): never {
  throw new Fault('mutates', place.domain.name, `changes ${place.domain.name} in place`);
}

export class ContextTree {
  private readonly slots: Slots;
  private readonly tracker: Tracker;
  private root: Place | undefined;
  private readonly places = new Map<number, Place>();
  /** Places that came after the first state: the slot above each, and its key. */
  readonly grown: (readonly [number, string | number])[] = [];

  constructor(slots: Slots, tracker: Tracker) {
    this.slots = slots;
    this.tracker = tracker;
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
    return this.root === undefined ? undefined : this.plain(this.root, v);
  }

  /** A plain context to be changed at will, but for what never differs: that is frozen. */
  lend(v: Int32Array): unknown {
    return this.root === undefined ? undefined : this.lent(this.root, v, false, []);
  }

  /** A plain context that is frozen as far as can be. */
  lendFrozen(v: Int32Array): Lent {
    const kept: [object, object][] = [];
    const context = this.root === undefined ? undefined : this.lent(this.root, v, true, kept);
    return { context, intact: () => kept.every(([copy, value]) => isSame(copy, value)) };
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
    return this.root === undefined ? undefined : this.look(this.root);
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
    if (typeof value !== 'object' || value === null) return value;
    const place = placeOf.get(value);
    if (place !== undefined) return this.readWhole(place);
    if (Array.isArray(value)) return value.map((part) => this.plainOf(part));
    const proto = Object.getPrototypeOf(value);
    if (value instanceof Set) return new Set([...value].map((part) => this.plainOf(part)));
    if (value instanceof Map) {
      return new Map([...value].map(([k, part]) => [this.plainOf(k), this.plainOf(part)]));
    }
    if (proto !== Object.prototype && proto !== null) return value;
    const copy: Record<string, unknown> = Object.create(proto);
    for (const key of Object.keys(value)) {
      define(copy, key, this.plainOf((value as Record<string, unknown>)[key]));
    }
    return copy;
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
    const place: Place = {
      domain,
      items: [],
      fields: new Map(),
      proxy: undefined,
      proxyRun: -1,
      epoch: -1,
      constant: false,
      value: undefined,
    };
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
    const place = this.place(this.slots.add(`${parent.domain.name}.${key}`));
    if (typeof key === 'number') parent.items[key] = place;
    else parent.fields.set(key, place);
    this.grown.push([parent.domain.slot, key]);
    return place;
  }

  private plain(place: Place, v: Int32Array): unknown {
    const desc = place.domain.descs[v[place.domain.slot] as number] as Desc;
    switch (desc.kind) {
      case 'primitive':
        return desc.value;
      case 'array': {
        const array: unknown[] = [];
        for (let i = 0; i < desc.length; i++) {
          const item = place.items[i] as Place;
          const value = item.domain.plain[v[item.domain.slot] as number];
          array.push(value === item.domain ? this.plain(item, v) : value);
        }
        return array;
      }
      case 'object': {
        const object: Record<string, unknown> = desc.bare ? Object.create(null) : {};
        for (const key of desc.keys) {
          define(object, key, this.plain(place.fields.get(key) as Place, v));
        }
        return object;
      }
      case 'kept':
        return cloneValue(desc.value);
      default:
        return undefined;
    }
  }

  /** The value at a place; what is made anew is frozen, or a copy that `kept` lists. */
  private lent(place: Place, v: Int32Array, freeze: boolean, kept: [object, object][]): unknown {
    const constant = this.isConstant(place);
    if (constant && place.value !== undefined) return place.value;
    const desc = place.domain.descs[v[place.domain.slot] as number] as Desc;
    if (desc.kind === 'primitive') return desc.value;
    if (desc.kind === 'absent') return undefined;
    if (desc.kind === 'kept') {
      const copy = cloneValue(desc.value);
      kept.push([copy, desc.value]);
      return copy;
    }
    let value: object;
    if (desc.kind === 'array') {
      const array: unknown[] = [];
      for (let i = 0; i < desc.length; i++) {
        array.push(this.lent(place.items[i] as Place, v, freeze, kept));
      }
      value = array;
    } else {
      value = desc.bare ? Object.create(null) : {};
      for (const key of desc.keys) {
        define(value, key, this.lent(place.fields.get(key) as Place, v, freeze, kept));
      }
    }
    if (constant) place.value = value;
    if (!constant && !freeze) return value;
    lentFrom.set(value, place);
    return Object.freeze(value);
  }

  private isConstant(place: Place): boolean {
    const { slots } = this;
    if (place.epoch === slots.epoch) return place.constant;
    const { slot, descs } = place.domain;
    let constant = slots.sizes[slot] === 1 && descs[0]?.kind !== 'kept';
    for (const item of place.items) if (!this.isConstant(item)) constant = false;
    for (const field of place.fields.values()) if (!this.isConstant(field)) constant = false;
    place.epoch = slots.epoch;
    place.constant = constant;
    place.value = undefined;
    return constant;
  }

  private readWhole(place: Place): unknown {
    const desc = place.domain.descs[this.tracker.read(place.domain.slot)] as Desc;
    if (desc.kind === 'array') {
      return place.items.slice(0, desc.length).map((item) => this.readWhole(item));
    }
    if (desc.kind !== 'object') return this.plain(place, this.tracker.v);
    const object: Record<string, unknown> = desc.bare ? Object.create(null) : {};
    for (const key of desc.keys) {
      define(object, key, this.readWhole(place.fields.get(key) as Place));
    }
    return object;
  }

  /** The tracked value at a place. */
  private look(place: Place): unknown {
    const desc = place.domain.descs[this.tracker.read(place.domain.slot)] as Desc;
    if (desc.kind === 'primitive') return desc.value;
    if (desc.kind === 'kept') return cloneValue(desc.value);
    if (desc.kind === 'absent') return undefined;
    if (place.proxyRun === this.tracker.run && place.proxy !== undefined) return place.proxy;
    place.proxy = this.proxyFor(place, desc);
    place.proxyRun = this.tracker.run;
    placeOf.set(place.proxy, place);
    return place.proxy;
  }

  private proxyFor(place: Place, desc: Desc): object {
    const kid = (key: string | symbol): Place | undefined => {
      if (typeof key !== 'string') return undefined;
      if (desc.kind === 'object')
        return desc.keys.includes(key) ? place.fields.get(key) : undefined;
      if (desc.kind !== 'array') return undefined;
      const index = Number(key);
      return String(index) === key && index < desc.length ? place.items[index] : undefined;
    };
    const target: object =
      desc.kind === 'array'
        ? new Array(desc.length)
        : desc.kind === 'object' && desc.bare
          ? Object.create(null)
          : {};
    return new Proxy(target, {
      get: (of, key, receiver) => {
        const at = kid(key);
        return at === undefined ? Reflect.get(of, key, receiver) : this.look(at);
      },
      has: (of, key) => kid(key) !== undefined || Reflect.has(of, key),
      ownKeys: (of) => {
        if (desc.kind === 'object') return [...desc.keys];
        return [...place.items.slice(0, (of as unknown[]).length).keys()]
          .map(String)
          .concat('length');
      },
      getOwnPropertyDescriptor: (of, key) => {
        const at = kid(key);
        if (at === undefined) return Reflect.getOwnPropertyDescriptor(of, key);
        return { value: this.look(at), writable: true, enumerable: true, configurable: true };
      },
      set: () => fail(place),
      defineProperty: () => fail(place),
      deleteProperty: () => fail(place),
      setPrototypeOf: () => fail(place),
      preventExtensions: () => fail(place),
    });
  }

  /** Writes `value` and everything below the place. */
  private write(place: Place, value: unknown, put: Put): void {
    if (typeof value === 'object' && value !== null && lentFrom.get(value) === place) return;
    const from = typeof value === 'object' && value !== null ? placeOf.get(value) : undefined;
    if (from === place) return;
    if (from !== undefined) {
      this.write(place, this.readWhole(from), put);
      return;
    }
    let desc = describe(value, place.domain.name);
    if (desc.kind === 'kept') desc = { kind: 'kept', value: this.plainOf(desc.value) as object };
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

  private erase(place: Place, put: Put): void {
    put(place.domain.slot, this.slots.idOf(place.domain, { kind: 'absent' }));
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
