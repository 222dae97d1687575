/** The tracked context: a proxy for each object of it, which lists what is read. */
import { derivedArray } from './derived.ts';
import { plainAt } from './lender.ts';
import { changed, type Place, placeOf } from './place.ts';
import { isSelfContained } from './self-contained.ts';
import type { Desc } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { cloneValue, define } from './values.ts';

/** Keys of shapes that are long, as sets. */
const keySets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Fewer are searched through. */
const LONG = 16;

function hasKey({ keys }: Extract<Desc, { kind: 'object' }>, key: string): boolean {
  if (keys.length < LONG) return keys.includes(key);
  let set = keySets.get(keys);
  if (set === undefined) {
    set = new Set(keys);
    keySets.set(keys, set);
  }
  return set.has(key);
}

type Callback = (item: unknown, index: number, all: unknown) => unknown;

export class Looker {
  private readonly tracker: Tracker;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  /** The tracked value at a place. */
  look(place: Place): unknown {
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

  /** A plain copy of what is at a place, all of which counts as read. */
  readWhole(place: Place): unknown {
    const desc = place.domain.descs[this.tracker.read(place.domain.slot)] as Desc;
    if (desc.kind === 'array') {
      return place.items.slice(0, desc.length).map((item) => this.readWhole(item));
    }
    if (desc.kind !== 'object') return plainAt(place, this.tracker.v);
    const object: Record<string, unknown> = desc.bare ? Object.create(null) : {};
    for (const key of desc.keys) {
      define(object, key, this.readWhole(place.fields.get(key) as Place));
    }
    return object;
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

  private proxyFor(place: Place, desc: Desc): object {
    const kid = (key: string | symbol): Place | undefined => {
      if (typeof key !== 'string') return undefined;
      if (desc.kind === 'object') return hasKey(desc, key) ? place.fields.get(key) : undefined;
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
        if (at !== undefined) return this.look(at);
        const own = Reflect.get(of, key, receiver);
        return desc.kind === 'array' ? (this.byItem(key, own, place, desc.length) ?? own) : own;
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
      set: () => changed(place),
      defineProperty: () => changed(place),
      deleteProperty: () => changed(place),
      setPrototypeOf: () => changed(place),
      preventExtensions: () => changed(place),
    });
  }

  /** Methods of arrays that make each item of their result apart from the others. */
  private byItem(key: string | symbol, own: unknown, place: Place, length: number): unknown {
    const looker = this;
    const items = () => place.items.slice(0, length);
    const isIts = (array: unknown): array is unknown[] =>
      typeof array === 'object' && array !== null && placeOf.get(array) === place;
    if (key === 'map' && own === Array.prototype.map) {
      return function map(this: unknown, body: Callback, receiver?: unknown): unknown[] {
        // A callback with a memory makes each item depend on those before it.
        if (!isIts(this) || !isSelfContained(body)) {
          return Array.prototype.map.call(this, body as never, receiver);
        }
        return looker.derive(items(), (at, i) => body(looker.look(at), i, this));
      };
    }
    if (key === 'slice' && own === Array.prototype.slice) {
      return function slice(this: unknown, from?: number, to?: number): unknown[] {
        if (!isIts(this)) return Array.prototype.slice.call(this, from, to);
        return looker.copyOf(items().slice(from, to));
      };
    }
    if (key === 'with' && own === Array.prototype.with) {
      return function withItem(this: unknown, index: number, value: unknown): unknown[] {
        const at = Math.trunc(Number(index)) || 0;
        if (!isIts(this) || at >= length || at < -length) {
          return Array.prototype.with.call(this, index, value);
        }
        const copy = looker.copyOf(items());
        copy[at < 0 ? at + length : at] = value;
        return copy;
      };
    }
    return undefined;
  }

  private copyOf(items: readonly Place[]): unknown[] {
    return this.derive(items, (at) => this.look(at));
  }

  private derive(items: readonly Place[], make: (at: Place, index: number) => unknown): unknown[] {
    const reads: (readonly number[])[] = [];
    const values = items.map((at, i) => {
      const [value, own] = this.tracker.apart(() => make(at, i));
      reads.push(own);
      return value;
    });
    return derivedArray(values, reads, this.tracker);
  }
}
