/**
 * An array that a function of the machine made of a tracked one, item by item:
 * of each item it is known what was read to make it, and that counts as read
 * only once somebody looks at the item. So a copy with one item changed does
 * not hang on all of the others.
 */
import type { Tracker } from './tracker.ts';

/** The items of a derived array, and what each rests on. */
export interface Derived {
  readonly items: unknown[];
  readonly reads: (readonly number[])[];
  /** True once it was changed other than item by item: all of it counts as read. */
  plain: boolean;
}

const derivedOf = new WeakMap<object, Derived>();

/** What is known of a derived array's items; undefined for all other values. */
export function derivedFrom(value: unknown): Derived | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const derived = derivedOf.get(value);
  return derived?.plain === false ? derived : undefined;
}

const isIndex = (key: string | symbol, length: number): key is string =>
  typeof key === 'string' && /^(?:0|[1-9]\d{0,8})$/.test(key) && Number(key) < length;

/** An array to hand to a function of the machine, with these items. */
export function derivedArray(
  items: unknown[],
  reads: (readonly number[])[],
  tracker: Tracker,
): unknown[] {
  const derived: Derived = { items, reads, plain: false };
  const look = (index: number) => {
    for (const slot of reads[index] ?? []) tracker.read(slot);
  };
  const lookAtAll = () => {
    if (derived.plain) return;
    for (let i = 0; i < reads.length; i++) look(i);
    derived.plain = true;
  };
  const proxy = new Proxy(items, {
    get: (of, key, receiver) => {
      if (!derived.plain && isIndex(key, of.length)) look(Number(key));
      return Reflect.get(of, key, receiver);
    },
    getOwnPropertyDescriptor: (of, key) => {
      if (!derived.plain && isIndex(key, of.length)) look(Number(key));
      return Reflect.getOwnPropertyDescriptor(of, key);
    },
    set: (of, key, value) => {
      if (!derived.plain && isIndex(key, of.length)) reads[Number(key)] = [];
      else lookAtAll();
      return Reflect.set(of, key, value);
    },
    defineProperty: (of, key, what) => {
      lookAtAll();
      return Reflect.defineProperty(of, key, what);
    },
    deleteProperty: (of, key) => {
      lookAtAll();
      return Reflect.deleteProperty(of, key);
    },
  });
  derivedOf.set(proxy, derived);
  return proxy;
}
