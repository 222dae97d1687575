/**
 * A world as a flat record of numbers and texts, and back. The record is the
 * context of a machine that is to be exhausted: what an event looks at is
 * then seen field by field, and the same step on the same fields need not be
 * worked out again. Reading a packed world gives the very objects that were
 * packed, so steps run on it as on any other.
 */

import type { Host } from '../host/host.ts';
import type { World } from '../world/world.ts';
import type { Atoms } from './atoms.ts';
import type { Evidence } from './evidence.ts';
import { rootSpot, type Spot, spotBelow } from './layout.ts';

/** Field by field; a branch's own field holds the number of its keys' list, or a value that is none. */
export type Packed = Readonly<Record<string, unknown>>;

/** Numbers of parts are kept apart from numbers that are values. */
const ATOM = '#';
const atomText = (id: number): string => `${ATOM}${id}`;
const isAtom = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(ATOM);

const NAME = (spot: Spot): string => (spot.path === '' ? 'world' : spot.path);

const refuse = (): never => {
  throw new Error('a packed world is read-only');
};
const READ_ONLY = { set: refuse, defineProperty: refuse, deleteProperty: refuse };

/** What a view of ours stands for. */
const views = new WeakMap<object, { readonly spot: Spot; readonly of: object }>();

export class Packer {
  readonly #atoms: Atoms;
  readonly #root = rootSpot();

  constructor(atoms: Atoms) {
    this.#atoms = atoms;
  }

  // ------------------------------------------------------------- reading

  /** The world of a record; nothing is read before somebody looks. */
  world(packed: Packed): World {
    return this.#look(packed, this.#root) as World;
  }

  #look(packed: Packed, spot: Spot): unknown {
    if (spot.set) return this.#set(packed, spot);
    if (spot.unseen !== null) return this.#unseen(packed, spot, spot.unseen);
    const value = packed[NAME(spot)];
    if (!isAtom(value)) return typeof value === 'string' ? value.slice(1) : value;
    const part = this.#atoms.at(Number(value.slice(1)));
    return spot.branch ? this.#branch(packed, spot, part as readonly string[] | ArrayShape) : part;
  }

  #piece(packed: Packed, spot: Spot): object {
    const value = packed[NAME(spot)];
    if (!isAtom(value)) throw new Error(`${NAME(spot)} is ${String(value)}, not a part`);
    return this.#atoms.at(Number(value.slice(1)));
  }

  /** A piece that is looked at only when something in it is. */
  #unseen(packed: Packed, spot: Spot, kind: 'object' | 'array'): object {
    let piece: object | null = null;
    const real = (): object => {
      piece ??= this.#piece(packed, spot);
      return piece;
    };
    const view = new Proxy(kind === 'array' ? [] : {}, {
      get: (_target, key) =>
        typeof key === 'symbol' && kind === 'object' ? undefined : Reflect.get(real(), key),
      has: (_target, key) => Reflect.has(real(), key),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (target, key) => {
        const own = Reflect.getOwnPropertyDescriptor(real(), key);
        if (own === undefined) return undefined;
        const fixed = Reflect.getOwnPropertyDescriptor(target, key);
        return fixed?.configurable === false
          ? { ...own, configurable: false }
          : { ...own, configurable: true };
      },
      ...READ_ONLY,
    });
    views.set(view, { spot, of: packed });
    return view;
  }

  /** A list of names of which `includes` looks at one field; anything else looks at all. */
  #set(packed: Packed, spot: Spot): object {
    const names = (): readonly string[] => this.#keysOf(packed[NAME(spot)]);
    const includes = (name: string): boolean => packed[`${spot.path}.${name}`] === true;
    const view = new Proxy([] as string[], {
      get: (_target, key) => (key === 'includes' ? includes : Reflect.get(names(), key)),
      has: (_target, key) => Reflect.has(names(), key),
      ownKeys: () => Reflect.ownKeys(names()),
      getOwnPropertyDescriptor: (_target, key) => Reflect.getOwnPropertyDescriptor(names(), key),
      ...READ_ONLY,
    });
    views.set(view, { spot, of: packed });
    return view;
  }

  #branch(packed: Packed, spot: Spot, shape: readonly string[] | ArrayShape): object {
    const isArray = !Array.isArray(shape);
    const keys = isArray ? indices(shape as ArrayShape) : (shape as readonly string[]);
    const own = new Set(keys);
    const target: object = isArray ? new Array(keys.length) : {};
    // One and the same for each look, as in any object.
    const looked = new Map<string, unknown>();
    const look = (key: string): unknown => {
      if (!looked.has(key)) looked.set(key, this.#look(packed, spotBelow(spot, key)));
      return looked.get(key);
    };
    const view = new Proxy(target, {
      get: (of, key) =>
        typeof key === 'string' && own.has(key) ? look(key) : Reflect.get(of, key),
      has: (of, key) => (typeof key === 'string' && own.has(key)) || Reflect.has(of, key),
      ownKeys: () => (isArray ? [...keys, 'length'] : [...keys]),
      getOwnPropertyDescriptor: (of, key) =>
        typeof key === 'string' && own.has(key)
          ? {
              value: look(key),
              writable: true,
              enumerable: true,
              configurable: true,
            }
          : Reflect.getOwnPropertyDescriptor(of, key),
      ...READ_ONLY,
    });
    views.set(view, { spot, of: packed });
    return view;
  }

  // ------------------------------------------------------------- writing

  /** What a step made of the world of `packed`: the fields that may be others now. */
  changes(packed: Packed, world: World): Packed {
    const out: Record<string, unknown> = {};
    this.#write(packed, this.#root, world, out);
    return out;
  }

  pack(world: World): Packed {
    return this.changes({}, world);
  }

  /** Evidence as fields: a whole host is one piece. */
  evidence(evidence: Evidence): Packed {
    return Object.fromEntries(
      Object.entries(evidence).map(([name, host]) => [
        `evidence ${name}`,
        host === null ? null : atomText(this.#atoms.of(this.plain(host) as object)),
      ]),
    );
  }

  /** The host of that evidence, or null. */
  evidenceOf(packed: Packed, name: keyof Evidence): Host | null {
    const value = packed[`evidence ${name}`];
    return isAtom(value) ? (this.#atoms.at(Number(value.slice(1))) as Host) : null;
  }

  #write(packed: Packed, spot: Spot, value: unknown, out: Record<string, unknown>): void {
    const view = typeof value === 'object' && value !== null ? views.get(value) : undefined;
    if (view !== undefined && view.spot === spot && view.of === packed) return;
    if (typeof value !== 'object' || value === null) {
      out[NAME(spot)] = typeof value === 'string' ? `=${value}` : value;
      this.#erase(packed, spot, [], out);
      return;
    }
    if (spot.set) {
      const names = value as readonly string[];
      out[NAME(spot)] = atomText(this.#atoms.of([...names]));
      for (const name of this.#keysOf(packed[NAME(spot)])) out[spotBelow(spot, name).path] = false;
      for (const name of names) out[spotBelow(spot, name).path] = true;
      return;
    }
    if (!spot.branch) {
      out[NAME(spot)] = atomText(this.#atoms.of(this.plain(value) as object));
      return;
    }
    const keys = Object.keys(value);
    const shape = Array.isArray(value) ? { length: value.length } : [...keys].sort();
    out[NAME(spot)] = atomText(this.#atoms.of(shape));
    for (const key of keys)
      this.#write(packed, spotBelow(spot, key), (value as Record<string, unknown>)[key], out);
    this.#erase(packed, spot, keys, out);
  }

  /** What was below a place and is not among its keys any more is nothing. */
  #erase(packed: Packed, spot: Spot, keys: readonly string[], out: Record<string, unknown>): void {
    if (!spot.branch) return;
    for (const key of this.#keysOf(packed[NAME(spot)])) {
      if (keys.includes(key)) continue;
      const child = spotBelow(spot, key);
      this.#erase(packed, child, [], out);
      out[NAME(child)] = undefined;
    }
  }

  /** Keys below a branch whose own field holds this. */
  #keysOf(value: unknown): readonly string[] {
    if (!isAtom(value)) return [];
    const shape = this.#atoms.at(Number(value.slice(1))) as readonly string[] | ArrayShape;
    return Array.isArray(shape) ? shape : indices(shape as ArrayShape);
  }

  // ------------------------------------------------------------- plain

  readonly #plain = new WeakSet<object>();

  /** A value without views of ours in it. */
  plain(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.#plain.has(value)) return value;
    if (ArrayBuffer.isView(value) || value instanceof Map) return value;
    const view = views.get(value);
    if (view !== undefined && view.spot.unseen !== null)
      return this.#piece(view.of as Packed, view.spot);
    let changed = view !== undefined;
    const copy: Record<string, unknown> = (Array.isArray(value) ? [] : {}) as never;
    for (const key of Object.keys(value)) {
      const part = (value as Record<string, unknown>)[key];
      const own = this.plain(part);
      if (own !== part) changed = true;
      copy[key] = own;
    }
    if (changed) {
      this.#plain.add(copy);
      return copy;
    }
    this.#plain.add(value);
    return value;
  }
}

interface ArrayShape {
  readonly length: number;
}
const indices = ({ length }: ArrayShape): readonly string[] =>
  Array.from({ length }, (_, i) => String(i));
