/**
 * JavaScript values as parts of a state: two values are one if no code that
 * looks at their content can tell them apart. Identity is no part of a state,
 * nor is the order of keys, set members or map entries.
 */
import { Unexplorable } from './problem.ts';

/** How deep a context may nest; deeper means a cycle far more often than use. */
export const MAX_DEPTH = 64;

const typedArrays: ReadonlySet<string> = new Set([
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]);

/** True for null, undefined, booleans, numbers, strings and bigints. */
export function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** True for an object written as `{...}` (or made by `Object.create(null)`). */
export function isPlainObject(value: object): boolean {
  const proto = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null;
}

function nameOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function primitiveKey(value: unknown, place: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      throw new Unexplorable(place, 'a symbol is no value of a state');
    default:
      return String(value);
  }
}

/**
 * One text for every value of the same content.
 *
 * @param place where the value stands, for the refusal of what has no content
 *   (functions, class instances, cycles)
 * @param name a text to stand for an object, if it has one
 */
export function canonical(
  value: unknown,
  place: string,
  depth = 0,
  name?: (object: object) => string | undefined,
): string {
  if (isPrimitive(value)) return primitiveKey(value, place);
  if (typeof value === 'function')
    throw new Unexplorable(place, 'a function is no value of a state');
  if (depth > MAX_DEPTH) {
    throw new Unexplorable(place, `nests deeper than ${MAX_DEPTH} levels, or in a cycle`);
  }
  const object = value as object;
  const named = name?.(object);
  if (named !== undefined) return named;
  const down = (part: unknown, key: string) => canonical(part, `${place}.${key}`, depth + 1, name);
  if (Array.isArray(object)) {
    const parts: string[] = [];
    for (let i = 0; i < object.length; i++) {
      parts.push(i in object ? down(object[i], String(i)) : '');
    }
    return `[${parts.join()}]`;
  }
  if (object instanceof Set) {
    const parts = [...object].map((part) => down(part, 'set')).sort();
    return `Set{${parts.join()}}`;
  }
  if (object instanceof Map) {
    const parts = [...object].map(([k, part]) => `${down(k, 'key')}:${down(part, 'map')}`).sort();
    return `Map{${parts.join()}}`;
  }
  if (object instanceof Date) return `Date(${object.getTime()})`;
  const kind = nameOf(object);
  if (typedArrays.has(kind)) {
    return `${kind}[${Array.from(object as ArrayLike<number>, (n) => primitiveKey(n, place)).join()}]`;
  }
  if (!isPlainObject(object)) {
    throw new Unexplorable(place, `an instance of a class (${kind}) is no value of a state`);
  }
  const record = object as Record<string, unknown>;
  const parts = keysOf(record, place)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${down(record[key], key)}`);
  return `{${parts.join()}}`;
}

/** Whether a copy still has the content of what it was made from. */
export function isSame(copy: object, value: object): boolean {
  if (!ArrayBuffer.isView(copy) || !ArrayBuffer.isView(value)) {
    return canonical(copy, 'context') === canonical(value, 'context');
  }
  const [one, other] = [copy, value] as unknown as ArrayLike<unknown>[];
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (!Object.is(one[i], other[i])) return false;
  return true;
}

/** The own enumerable keys; symbols as keys are refused. */
export function keysOf(object: object, place: string): string[] {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    throw new Unexplorable(place, 'a symbol as a key is no part of a state');
  }
  return Object.keys(object);
}

/**
 * A copy that shares nothing with `value`. Members of sets and maps come in
 * the order of their canonical texts, so that equal sets iterate alike.
 */
export function cloneValue<T>(value: T): T {
  return clone(value) as T;
}

function clone(value: unknown): unknown {
  if (isPrimitive(value) || typeof value === 'function') return value;
  if (Array.isArray(value)) return value.map(clone);
  if (value instanceof Set) return new Set(sorted([...value]).map(clone));
  if (value instanceof Map) {
    const entries = [...value] as [unknown, unknown][];
    const order = new Map(entries.map(([k, v]) => [canonical(k, 'key'), [k, v] as const]));
    return new Map([...order.keys()].sort().map((text) => pair(order.get(text))));
  }
  if (value instanceof Date) return new Date(value.getTime());
  if (ArrayBuffer.isView(value)) return (value as unknown as { slice(): unknown }).slice();
  const record = value as Record<string, unknown>;
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  for (const key of Object.keys(record)) define(copy, key, clone(record[key]));
  return copy;
}

function pair(entry: readonly [unknown, unknown] | undefined): [unknown, unknown] {
  return entry === undefined ? [undefined, undefined] : [clone(entry[0]), clone(entry[1])];
}

function sorted(values: unknown[]): unknown[] {
  const order = new Map(values.map((value) => [canonical(value, 'set'), value]));
  return [...order.keys()].sort().map((text) => order.get(text));
}

/** Sets `key` as an own property, also where it is called `__proto__`. */
export function define(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}
