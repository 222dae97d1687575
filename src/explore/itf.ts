/**
 * Traces in the Informal Trace Format of Apalache (its ADR-015): JSON that
 * other checkers' viewers read. What JavaScript has and the format has not
 * (null, undefined, fractions, typed arrays, dates) goes as `#unserializable`
 * text and comes back from it.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { messageOf } from './problem.ts';
import type { Trace, TraceState } from './trace.ts';
import { define } from './values.ts';
import type { EventObject } from './xstate.ts';

/** A trace as ITF: to be given to `JSON.stringify`. */
export interface ItfTrace {
  readonly '#meta': { readonly format: 'ITF'; readonly description: string };
  readonly vars: readonly string[];
  /** Index of the state that the last one goes back to. */
  readonly loop?: number;
  readonly states: readonly Readonly<Record<string, unknown>>[];
}

/** Deeper nesting is no trace that was exported here. */
const MAX_DEPTH = 128;

const vars = ['event', 'value', 'context', 'history', 'status', 'output'] as const;

/** The event of the first state, which no event led to. */
const START = 'xstate.init';

const typedArrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;

/** A trace in ITF; each state carries the event that led to it. */
export function toItf(trace: Trace): ItfTrace {
  const state = (event: EventObject, { value, context, history, status, output }: TraceState) =>
    encode({ event, value, context, history, status, output }) as Record<string, unknown>;
  const states = [
    state({ type: START }, trace.start),
    ...trace.steps.map((step) => state(step.event, step.state)),
  ];
  return {
    '#meta': { format: 'ITF', description: 'xen-lu explore' },
    vars,
    ...(trace.loop === undefined ? {} : { loop: trace.loop }),
    states: states.map((one, index) => ({ '#meta': { index }, ...one })),
  };
}

/**
 * The trace of an ITF document, as `JSON.parse` gave it.
 *
 * @returns left with the reason if it is none that `toItf` makes
 */
export function fromItf(document: unknown): Either<string, Trace> {
  try {
    return right(decodeTrace(document));
  } catch (problem) {
    return left(messageOf(problem));
  }
}

function decodeTrace(document: unknown): Trace {
  const { states, loop } = recordOf(document, 'the document');
  if (!Array.isArray(states) || states.length === 0) throw new Error('there are no states');
  if (loop !== undefined && !(Number.isInteger(loop) && Number(loop) >= 0)) {
    throw new Error('loop is no index');
  }
  if (Number(loop ?? 0) >= states.length) throw new Error('loop is beyond the last state');
  const parts = states.map((one, i) => {
    const { '#meta': _, ...fields } = recordOf(one, `state ${i}`);
    const state = recordOf(decode(fields, 0), `state ${i}`);
    const event = recordOf(state['event'], `event ${i}`);
    if (typeof event['type'] !== 'string') throw new Error(`event ${i} has no type`);
    if (typeof state['status'] !== 'string') throw new Error(`state ${i} has no status`);
    const history = recordOf(state['history'], `history ${i}`) as TraceState['history'];
    const { value, context, status, output } = state;
    return { event: event as EventObject, state: { value, context, history, status, output } };
  });
  const [first, ...steps] = parts;
  if (first === undefined) throw new Error('there are no states');
  const trace: Trace = { start: first.state, steps };
  return loop === undefined ? trace : { ...trace, loop: Number(loop) };
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} is no record`);
  }
  return value as Record<string, unknown>;
}

function encode(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return { '#bigint': String(value) };
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
      return { '#unserializable': Object.is(value, -0) ? '-0' : String(value) };
    case 'object':
      return value === null ? { '#unserializable': 'null' } : encodeObject(value);
    default:
      return { '#unserializable': 'undefined' };
  }
}

function encodeObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Set) return { '#set': [...value].map(encode) };
  if (value instanceof Map) return { '#map': [...value].map((entry) => entry.map(encode)) };
  if (value instanceof Date) return { '#unserializable': `Date ${value.getTime()}` };
  if (ArrayBuffer.isView(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    return { '#unserializable': `${name} ${Array.from(value as Uint8Array, String).join()}` };
  }
  const record: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    // A key that looks like the format's own gets one more mark.
    define(record, key.startsWith('#') ? `#${key}` : key, encode(part));
  }
  return record;
}

function decode(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error(`nests deeper than ${MAX_DEPTH} levels`);
  const down = (part: unknown) => decode(part, depth + 1);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(down);
  const record = value as Record<string, unknown>;
  const list = (key: string): unknown[] => {
    const parts = record[key];
    if (!Array.isArray(parts)) throw new Error(`${key} is no list`);
    return parts;
  };
  if ('#bigint' in record) return BigInt(String(record['#bigint']));
  if ('#set' in record) return new Set(list('#set').map(down));
  if ('#tup' in record) return list('#tup').map(down);
  if ('#map' in record) {
    const entries = list('#map').map((entry) => {
      if (!Array.isArray(entry) || entry.length !== 2) throw new Error('#map holds no pairs');
      return [down(entry[0]), down(entry[1])] as const;
    });
    return new Map(entries);
  }
  if ('#unserializable' in record) return fromText(String(record['#unserializable']));
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(record)) {
    define(copy, key.startsWith('##') ? key.slice(1) : key, down(part));
  }
  return copy;
}

function fromText(text: string): unknown {
  if (text === 'undefined') return undefined;
  if (text === 'null') return null;
  if (text.trim() === '') throw new Error('cannot read an empty text');
  const [name = '', list = ''] = text.split(' ');
  if (name === 'Date') return new Date(Number(list));
  if (name in typedArrays) {
    const make = typedArrays[name as keyof typeof typedArrays];
    return make.from(list === '' ? [] : list.split(',').map(Number));
  }
  const number = Number(text);
  if (Number.isNaN(number) && text !== 'NaN') throw new Error(`cannot read ${text}`);
  return number;
}
