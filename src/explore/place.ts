/**
 * The places of a context: a tree of slots. Each object, array and leaf is one
 * slot: an object's slot holds its keys, an array's its length, a leaf's the
 * value itself. A place below something that is not there holds "absent", so
 * that equal contexts are equal vectors.
 */
import { Fault } from './problem.ts';
import type { Domain } from './slots.ts';

/** Writes a value id to a slot of the state that is being made. */
export type Put = (slot: number, id: number) => void;

/** One place and the places below it that were ever in use. */
export interface Place {
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

/** A place with nothing below it yet. */
export function placeAt(domain: Domain): Place {
  return {
    domain,
    items: [],
    fields: new Map(),
    proxy: undefined,
    proxyRun: -1,
    epoch: -1,
    constant: false,
    value: undefined,
  };
}

/** What is behind a proxy that the tracked context handed out. */
export const placeOf = new WeakMap<object, Place>();

/** Where a frozen object of a lent context stands. */
export const lentFrom = new WeakMap<object, Place>();

/** @throws Fault: somebody changes the context in place */
export function changed(place: Place): never {
  throw new Fault('mutates', place.domain.name, `changes ${place.domain.name} in place`);
}
