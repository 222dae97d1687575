/**
 * A search as bytes, to go on from later: what was learned about values, the
 * states, and how far the search has come. The file belongs to one machine;
 * it is checked before anything of it is used.
 */
import { deserialize, serialize } from 'node:v8';
import { needsOrder } from './engine.ts';
import type { Beside } from './options.ts';
import { Unexplorable } from './problem.ts';
import type { Search } from './search.ts';
import type { Desc } from './slots.ts';
import { canonical } from './values.ts';

const MAGIC = 0x58504c31;
const HEAD = 8;

/** What is saved beside the states. */
interface Saved {
  readonly machine: string;
  readonly keepOrder: boolean;
  readonly grown: readonly (readonly [number, string | number])[];
  readonly descs: readonly (readonly Desc[])[];
  readonly counters: readonly number[];
  readonly witnessed: readonly number[];
  readonly marks: Uint8Array;
  readonly nodes: Uint8Array;
  readonly words: Int32Array;
  readonly parents: Uint32Array;
  readonly beside: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The search, to be given to `resume`. */
export function saveCheckpoint(
  search: Search,
  witnessed: readonly number[],
  beside: Beside | undefined,
): Uint8Array {
  const { engine, store } = search;
  store.changeLayout(search.newLayout());
  const { width } = store.layout;
  const { coverage } = engine.control;
  const saved: Saved = {
    machine: fingerprint(search),
    keepOrder: engine.keepOrder,
    grown: engine.context.grown,
    descs: engine.slots.domains.map((domain) => domain.descs),
    counters: countersOf(search),
    witnessed,
    marks: coverage.marks,
    nodes: coverage.nodes,
    words: store.words.slice(0, store.count * width),
    parents: store.parents.slice(0, store.count),
    beside: beside?.save() ?? NOTHING,
  };
  const body = serialize(saved);
  const bytes = new Uint8Array(HEAD + body.length);
  bytes.set(body, HEAD);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, sum(body));
  return bytes;
}

/**
 * Puts a search where a checkpoint left it.
 *
 * @returns the numbers of the `sometimes` properties that were witnessed
 * @throws Unexplorable if the bytes are no checkpoint of this machine
 */
export function loadCheckpoint(
  search: Search,
  bytes: Uint8Array,
  beside: Beside | undefined,
): readonly number[] {
  const saved = parse(bytes);
  const { engine, store } = search;
  if (saved.machine !== fingerprint(search)) {
    throw new Unexplorable('options.resume', 'is a checkpoint of another machine or event list');
  }
  if (saved.keepOrder && !engine.keepOrder) throw needsOrder;
  if (beside !== undefined && !beside.load(saved.beside)) {
    throw new Unexplorable('options.resume', 'does not fit what this machine keeps beside');
  }
  engine.context.regrow(saved.grown);
  const { slots } = engine;
  for (const [slot, descs] of saved.descs.entries()) {
    const domain = slots.domains[slot];
    for (const [id, desc] of descs.entries()) {
      if (domain === undefined || slots.idOf(domain, desc) !== id) {
        throw new Unexplorable('options.resume', 'does not fit the values of this machine');
      }
    }
  }
  const layout = search.newLayout();
  const count = saved.parents.length;
  if (count === 0 || saved.words.length !== count * layout.width) {
    throw new Unexplorable('options.resume', 'does not fit the states of this machine');
  }
  store.changeLayout(layout);
  store.load(saved.words, saved.parents);
  const [next = 0, offered = 0, taken = 0, moved = 0, depth = 0, levelEnd = 1] = saved.counters;
  Object.assign(search, { next, offered, taken, moved, depth, levelEnd });
  engine.control.coverage.marks.set(saved.marks);
  engine.control.coverage.nodes.set(saved.nodes);
  return saved.witnessed;
}

function countersOf(search: Search): number[] {
  const { next, offered, taken, moved, depth, levelEnd } = search;
  return [next, offered, taken, moved, depth, levelEnd];
}

/** A text that another machine, or the same with other events, does not have. */
export function fingerprint({ engine, first }: Search): string {
  const { chart, events, slots } = engine;
  return [
    chart.machine.id,
    ...chart.nodes.map((node) => `${node.id} ${node.type}`),
    String(chart.transitions.length),
    canonical(engine.context.materialise(first), 'context'),
    ...(engine.fixedEvents ? events.slice(0, engine.fixedEvents) : []).map((event) =>
      canonical(event, 'event'),
    ),
    String(slots.domains.findIndex((domain) => domain.name === 'context')),
  ].join('\n');
}

function parse(bytes: Uint8Array): Saved {
  const bad = (reason: string): never => {
    throw new Unexplorable('options.resume', reason);
  };
  if (bytes.length <= HEAD) return bad('is too short for a checkpoint');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC) return bad('is no checkpoint');
  const body = bytes.subarray(HEAD);
  if (view.getUint32(4) !== sum(body)) return bad('is damaged');
  let saved: unknown;
  try {
    saved = deserialize(body);
  } catch {
    return bad('cannot be read by this version of Node.js');
  }
  return isSaved(saved) ? saved : bad('lacks a part of a checkpoint');
}

/** Whether bytes begin as a checkpoint does; they may still be damaged, or another machine's. */
export function looksLikeCheckpoint(bytes: Uint8Array): boolean {
  if (bytes.length <= HEAD) return false;
  return new DataView(bytes.buffer, bytes.byteOffset, HEAD).getUint32(0) === MAGIC;
}

function isSaved(value: unknown): value is Saved {
  if (typeof value !== 'object' || value === null) return false;
  const saved = value as Partial<Saved>;
  return (
    typeof saved.machine === 'string' &&
    typeof saved.keepOrder === 'boolean' &&
    [saved.grown, saved.descs, saved.counters, saved.witnessed].every(Array.isArray) &&
    saved.marks instanceof Uint8Array &&
    saved.nodes instanceof Uint8Array &&
    saved.words instanceof Int32Array &&
    saved.parents instanceof Uint32Array &&
    saved.beside instanceof Uint8Array
  );
}

/** FNV-1a, to tell damage, not malice. */
function sum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}
