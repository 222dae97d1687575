/** Plain copies of a context, for functions of the machine and for people. */
import { lentFrom, type Place } from './place.ts';
import type { Desc, Slots } from './slots.ts';
import { cloneValue, define, isSame } from './values.ts';

/** A context for one run of a function of the machine. */
export interface Lent {
  readonly context: unknown;
  /** False if something in it was changed that could not be frozen. */
  readonly intact: () => boolean;
}

/** A value that shares nothing with the exploration. */
export function plainAt(place: Place, v: Int32Array): unknown {
  const desc = place.domain.descs[v[place.domain.slot] as number] as Desc;
  switch (desc.kind) {
    case 'primitive':
      return desc.value;
    case 'array': {
      const array: unknown[] = [];
      for (let i = 0; i < desc.length; i++) {
        const item = place.items[i] as Place;
        const value = item.domain.plain[v[item.domain.slot] as number];
        array.push(value === item.domain ? plainAt(item, v) : value);
      }
      return array;
    }
    case 'object': {
      const object: Record<string, unknown> = desc.bare ? Object.create(null) : {};
      for (const key of desc.keys) {
        define(object, key, plainAt(place.fields.get(key) as Place, v));
      }
      return object;
    }
    case 'kept':
      return cloneValue(desc.value);
    default:
      return undefined;
  }
}

/** Makes contexts whose parts that never differ are made once, frozen, and lent to all. */
export class Lender {
  private readonly slots: Slots;

  constructor(slots: Slots) {
    this.slots = slots;
  }

  /** A context to be changed at will, but for what never differs: that is frozen. */
  lend(root: Place | undefined, v: Int32Array): unknown {
    return root === undefined ? undefined : this.lent(root, v, false, []);
  }

  /** A context that is frozen as far as can be. */
  lendFrozen(root: Place | undefined, v: Int32Array): Lent {
    const kept: [object, object][] = [];
    const context = root === undefined ? undefined : this.lent(root, v, true, kept);
    return { context, intact: () => kept.every(([copy, value]) => isSame(copy, value)) };
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
}
