/**
 * Two hosts compared: each place where they differ, with both values. Used
 * for "nobody can tell" (across an update, `ACROSS_UPDATE`) and for "nothing
 * happened" (`EXACT`). Frames are compared column by column, without an
 * object for a page, so that a host of millions of pages takes milliseconds.
 */
import { numericKeys } from './codec.ts';
import { DOMID_INVALID, INVALID_M2P_ENTRY } from './constants.ts';
import type { PageContent } from './content.ts';
import { FLAG, type FrameTable, frameCount } from './frame-table.ts';
import type { Host } from './host.ts';
import { ACROSS_UPDATE, type MayChange } from './may-change.ts';
import { framesOf } from './ranges.ts';

/** A difference: where ("xen.domains.3.refcnt"), and the values; undefined: not there. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface DiffOptions {
  /** Paths that may differ; default `ACROSS_UPDATE`. */
  readonly mayChange?: readonly MayChange[];
  /**
   * Which frames count: 'owned' (default) those that have an owner, the M2P's
   * and the IOMMU's; 'all' every one, with free and reserved memory.
   */
  readonly frames?: 'owned' | 'all';
  /** Differences to find before giving up; default 1000. */
  readonly limit?: number;
}

/** Not a bit may differ. */
export const EXACT: DiffOptions = { mayChange: [], frames: 'all' };

class Findings {
  readonly list: Difference[] = [];
  private readonly allowed: ReadonlySet<string>;
  private readonly limit: number;

  constructor(mayChange: readonly MayChange[], limit: number) {
    this.allowed = new Set(mayChange.map((m) => m.path));
    this.limit = limit;
  }

  get full(): boolean {
    return this.list.length >= this.limit;
  }

  add(path: string, before: unknown, after: unknown): void {
    if (!this.full) this.list.push({ path, before, after });
  }

  allows(pattern: string): boolean {
    return this.allowed.has(pattern);
  }
}

const isNumber = (key: string): boolean => /^\d+$/.test(key);
const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null;

const sameWords = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Lists whose order says nothing: who holds a pause, in the order of their coming (I2.1). */
const BAGS: ReadonlySet<string> = new Set(['xen.domains.*.pausers']);

/** Compares plain values; `pattern` is the path with numbers as `*`. */
const diffValues = (
  found: Findings,
  path: string,
  pattern: string,
  a: unknown,
  b: unknown,
): void => {
  if (a === b || found.full || found.allows(pattern)) return;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [a, b] as unknown as [ArrayLike<number>, ArrayLike<number>];
    if (!sameWords(x, y)) found.add(path, Array.from(x), Array.from(y));
    return;
  }
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
    found.add(path, a, b);
    return;
  }
  if (Array.isArray(a) && Array.isArray(b) && BAGS.has(pattern)) {
    const [x, y] = [[...a].sort(), [...b].sort()];
    if (String(x) !== String(y)) found.add(path, x, y);
    return;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const step = isNumber(key) ? '*' : key;
    diffValues(found, `${path}.${key}`, `${pattern}.${step}`, a[key], b[key]);
  }
};

const PAGE_FLAGS =
  FLAG.allocated | FLAG.xenheap | FLAG.extra | FLAG.pool | FLAG.pinned | FLAG.partial | FLAG.broken;

/** Flags that mean something: a type without references is only a memory of one (F8.3). */
const meaning = (flags: number, typeCount: number): number =>
  typeCount > 0 ? flags & (PAGE_FLAGS | FLAG.typeMask | FLAG.validated) : flags & PAGE_FLAGS;

const diffFrames = (found: Findings, a: FrameTable, b: FrameTable, all: boolean): void => {
  const n = Math.max(frameCount(a), frameCount(b));
  for (let f = 0; f < n && !found.full; f++) {
    const [ownerA, ownerB] = [a.owner[f] ?? DOMID_INVALID, b.owner[f] ?? DOMID_INVALID];
    if (!all && ownerA === DOMID_INVALID && ownerB === DOMID_INVALID) continue;
    const [typesA, typesB] = [a.typeCount[f] ?? 0, b.typeCount[f] ?? 0];
    const [generalA, generalB] = [a.generalCount[f] ?? 0, b.generalCount[f] ?? 0];
    const [rawA, rawB] = [a.flags[f] ?? 0, b.flags[f] ?? 0];
    const flagsA = all ? rawA : meaning(rawA, typesA);
    const flagsB = all ? rawB : meaning(rawB, typesB);
    if (ownerA === ownerB && typesA === typesB && generalA === generalB && flagsA === flagsB)
      continue;
    const path = `xen.frames.0x${f.toString(16)}`;
    const compare = (column: string, x: number, y: number): void => {
      if (x !== y && !found.allows(`xen.frames.*.${column}`)) found.add(`${path}.${column}`, x, y);
    };
    compare('owner', ownerA, ownerB);
    compare('flags', flagsA, flagsB);
    compare('typeCount', typesA, typesB);
    compare('generalCount', generalA, generalB);
  }
  diffValues(found, 'xen.frames.partial', 'xen.frames.partial', a.partial, b.partial);
  diffValues(found, 'xen.frames.linear', 'xen.frames.linear', a.linear, b.linear);
};

/** Frames whose content is somebody's: owned, the M2P's own, the IOMMU's. */
const preservedIn = (host: Host): ((frame: number) => boolean) => {
  const special = new Set<number>([
    ...host.xen.system.iommuFrames,
    ...framesOf([host.hardware.m2p.frames]),
  ]);
  const { owner } = host.xen.frames;
  return (f) => (owner[f] ?? DOMID_INVALID) !== DOMID_INVALID || special.has(f);
};

/** Differences of two pages' contents, without what an update may change. */
export const diffContents = (a: PageContent, b: PageContent): readonly Difference[] => {
  const found = new Findings(ACROSS_UPDATE, 1);
  diffValues(found, 'content', 'hardware.content.*', a, b);
  return found.list;
};

const diffContent = (found: Findings, before: Host, after: Host, all: boolean): void => {
  const [inBefore, inAfter] = [preservedIn(before), preservedIn(after)];
  const [a, b] = [before.hardware.content, after.hardware.content];
  for (const f of new Set([...numericKeys(a), ...numericKeys(b)])) {
    if (!all && !inBefore(f) && !inAfter(f)) continue;
    diffValues(found, `hardware.content.0x${f.toString(16)}`, 'hardware.content.*', a[f], b[f]);
  }
};

const diffM2p = (found: Findings, before: Host, after: Host, all: boolean): void => {
  const [a, b] = [before.hardware.m2p, after.hardware.m2p];
  diffValues(found, 'hardware.m2p.frames', 'hardware.m2p.frames', a.frames, b.frames);
  const [ownerA, ownerB] = [before.xen.frames.owner, after.xen.frames.owner];
  const n = Math.max(a.entries.length, b.entries.length);
  for (let f = 0; f < n && !found.full; f++) {
    const [x, y] = [a.entries[f] ?? INVALID_M2P_ENTRY, b.entries[f] ?? INVALID_M2P_ENTRY];
    if (x === y) continue;
    if (all || ownerA[f] !== DOMID_INVALID || ownerB[f] !== DOMID_INVALID)
      found.add(`hardware.m2p.entries.0x${f.toString(16)}`, x, y);
  }
};

/**
 * The differences of two hosts, in a fixed order: hardware, Xen's records,
 * frames. Empty: nobody can tell them apart (by the options given).
 */
export const diffHosts = (
  before: Host,
  after: Host,
  options: DiffOptions = {},
): readonly Difference[] => {
  const found = new Findings(options.mayChange ?? ACROSS_UPDATE, options.limit ?? 1000);
  const all = options.frames === 'all';
  const { content: _contentA, m2p: _m2pA, ...hardwareA } = before.hardware;
  const { content: _contentB, m2p: _m2pB, ...hardwareB } = after.hardware;
  const { frames: framesA, ...xenA } = before.xen;
  const { frames: framesB, ...xenB } = after.xen;
  diffValues(found, 'hardware', 'hardware', hardwareA, hardwareB);
  diffContent(found, before, after, all);
  diffM2p(found, before, after, all);
  diffValues(found, 'xen', 'xen', xenA, xenB);
  if (framesA !== framesB) diffFrames(found, framesA, framesB, all);
  return found.list;
};
