/**
 * A state as a vector of small integers. Every place of a state (an orthogonal
 * region, a remembered history, a leaf of the context) is one slot; every
 * value that was ever seen at that place has one id, counted from 0.
 */
import { Unexplorable } from './problem.ts';
import { canonical, cloneValue, isPlainObject, isPrimitive, keysOf } from './values.ts';

/** The most places a state may have. */
export const MAX_SLOTS = 32_768;

/** Longer arrays and wider objects are one place, not one place a part. */
const MAX_PARTS = 4096;

/** What stands at one place. */
export type Desc =
  | { readonly kind: 'absent' }
  | { readonly kind: 'primitive'; readonly value: unknown }
  | { readonly kind: 'array'; readonly length: number }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly bare: boolean }
  | { readonly kind: 'kept'; readonly value: object };

export const ABSENT: Desc = { kind: 'absent' };

/** The values seen at one slot. */
export class Domain {
  readonly slot: number;
  /** Path for people: `context.votes.3`, `region door`. */
  readonly name: string;
  readonly descs: Desc[] = [];
  /** By id: the value if it is a primitive, else this domain itself. */
  readonly plain: unknown[] = [];
  readonly primitives = new Map<unknown, number>();
  readonly shapes = new Map<string, number>();

  constructor(slot: number, name: string) {
    this.slot = slot;
    this.name = name;
  }
}

/** What stands at a place, without its parts; `value` is no proxy. */
export function describe(value: unknown, place: string): Desc {
  if (isPrimitive(value)) {
    if (typeof value === 'symbol') throw new Unexplorable(place, 'a symbol is no value of a state');
    return { kind: 'primitive', value };
  }
  if (typeof value === 'function') {
    throw new Unexplorable(place, 'a function is no value of a state');
  }
  const object = value as object;
  if (Array.isArray(object)) {
    const whole = object.length > MAX_PARTS || Object.keys(object).length !== object.length;
    return whole ? { kind: 'kept', value: object } : { kind: 'array', length: object.length };
  }
  if (!isPlainObject(object)) return { kind: 'kept', value: object };
  const keys = keysOf(object, place);
  if (keys.length > MAX_PARTS) return { kind: 'kept', value: object };
  return { kind: 'object', keys, bare: Object.getPrototypeOf(object) === null };
}

function shapeKey(desc: Desc, place: string): string {
  switch (desc.kind) {
    case 'array':
      return `a${desc.length}`;
    case 'object':
      return `${desc.bare ? 'b' : 'o'}${JSON.stringify([...desc.keys].sort())}`;
    case 'kept':
      return `k${canonical(desc.value, place)}`;
    default:
      return desc.kind;
  }
}

/** How values and places are numbered where several threads share the numbers. */
export interface Numbering {
  /** Runs `body` while no other thread adds, with all known that others added. */
  exclusively<T>(body: () => T): T;
  /** Tells the others of a value; within `exclusively` only. */
  value(slot: number, desc: Desc): void;
  /** Tells the others of a place below the one at `slot`. */
  place(slot: number, key: string | number): void;
}

/**
 * What rests on places that are the same in every state so far, and on there
 * being no place that was not known.
 */
export interface Resting {
  /** True if it does not hold any more once this changes; see `Tracker`. */
  restsOn(ground: number): boolean;
  /** What else it was made of. */
  readonly uses: ReadonlySet<Resting>;
  /** Forgets all. */
  clear(): void;
}

/** The ground that there are no more places below a slot than those known. */
export const partsOf = (slot: number): number => -1 - slot;

/** All slots of one exploration and the values seen at each. */
export class Slots {
  readonly domains: Domain[] = [];
  /** Values seen, per slot; a slot with one is the same in every state. */
  readonly sizes = new Int32Array(MAX_SLOTS);
  count = 0;
  /** Rises when a slot appears or ceases to be constant. */
  epoch = 0;
  /** Rises when a slot needs another bit. */
  layout = 0;
  /** Values seen over all slots: what the tables cost beside the states. */
  values = 0;
  /** Set if other threads number values too. */
  numbering: Numbering | undefined;
  private readonly resting: Resting[] = [];

  /** Clears `one` whenever what it rests on, or what it uses rests on, changes. */
  whenShaken(one: Resting): void {
    this.resting.push(one);
  }

  /**
   * A new place whose value with id 0 is `first`.
   *
   * @param above the slot of the place that it is a part of
   */
  add(name: string, first: Desc = ABSENT, above?: number): Domain {
    if (this.count === MAX_SLOTS) {
      throw new Unexplorable(name, `a state of more than ${MAX_SLOTS} places`);
    }
    const domain = new Domain(this.count++, name);
    this.domains.push(domain);
    // Whoever learns of the place knows its first value.
    const { numbering } = this;
    this.numbering = undefined;
    this.idOf(domain, first);
    this.numbering = numbering;
    if (above !== undefined) this.shake(partsOf(above));
    return domain;
  }

  /** A new place whose `size` values are known beforehand. */
  addFixed(name: string, size: number): Domain {
    if (this.count === MAX_SLOTS) {
      throw new Unexplorable(name, `a state of more than ${MAX_SLOTS} places`);
    }
    const domain = new Domain(this.count++, name);
    this.domains.push(domain);
    this.sizes[domain.slot] = size;
    return domain;
  }

  /** The id of a value at a place; new values get the next one. */
  idOf(domain: Domain, desc: Desc): number {
    if (desc.kind === 'primitive' && !Object.is(desc.value, -0)) {
      const known = domain.primitives.get(desc.value);
      if (known !== undefined) return known;
      return this.numbered(domain, desc, domain.primitives, desc.value);
    }
    const key = desc.kind === 'primitive' ? 'negative zero' : shapeKey(desc, domain.name);
    const known = domain.shapes.get(key);
    if (known !== undefined) return known;
    const own = desc.kind === 'kept' ? { ...desc, value: cloneValue(desc.value) } : desc;
    return this.numbered(domain, own, domain.shapes, key);
  }

  /** Gives a new value the next number, unless another thread was first. */
  private numbered<K>(domain: Domain, desc: Desc, ids: Map<K, number>, key: K): number {
    const { numbering } = this;
    const add = () => {
      const id = this.append(domain, desc);
      ids.set(key, id);
      return id;
    };
    if (numbering === undefined) return add();
    return numbering.exclusively(() => {
      const known = ids.get(key);
      if (known !== undefined) return known;
      numbering.value(domain.slot, desc);
      return add();
    });
  }

  private append(domain: Domain, desc: Desc): number {
    const id = domain.descs.push(desc) - 1;
    domain.plain.push(desc.kind === 'primitive' ? desc.value : domain);
    const size = id + 1;
    this.sizes[domain.slot] = size;
    this.values++;
    if (size === 2) this.shake(domain.slot);
    if (size > 1 && (id & (id - 1)) === 0) this.layout++;
    return id;
  }

  private shake(ground: number): void {
    this.epoch++;
    const gone = new Set(this.resting.filter((one) => one.restsOn(ground)));
    if (gone.size === 0) return;
    for (const one of this.resting) {
      if (gone.has(one)) continue;
      for (const used of one.uses) {
        if (!gone.has(used)) continue;
        gone.add(one);
        break;
      }
    }
    for (const one of gone) one.clear();
  }
}
