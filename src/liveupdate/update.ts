/**
 * One Live Update as a value, and what each step of the machine does to it.
 * The machine (`machines/live-update.ts`) decides *when*; here is *what*.
 *
 * Before the jump the world is xen#1 (`host`); after it the world is xen#2 in
 * the making (`restoring`), and xen#1's half is dropped from the value: no
 * restore step could look at it.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../design/design.ts';
import { versionOf, type XenVersion } from '../design/versions.ts';
import { numericKeys } from '../host/codec.ts';
import type { Domain } from '../host/domain.ts';
import type { Hardware } from '../host/hardware.ts';
import type { Host, Xen } from '../host/host.ts';
import { framesOf } from '../host/ranges.ts';
import type { XenBuild } from '../host/system.ts';
import { describeStreamError } from '../stream/errors.ts';
import type { LuRecord } from '../stream/records/registry.ts';
import { encodeStream } from '../stream/writer.ts';
import { giveBack, takeFrames } from './alloc.ts';
import { boot, type Crash, enter, mapStream, type Restoring } from './boot.ts';
import { domainObstacles, type Obstacle, obstacles } from './boundary.ts';
import { findLiveUpdate, formatLiveUpdate } from './command-line.ts';
import { incompatibilities } from './compatibility.ts';
import {
  jump,
  releaseStream,
  type StreamMemory,
  takeStreamMemory,
  writeStream,
} from './handover.ts';
import { emulatesForUnparked, isParked, park, parksLate, unpark } from './pause.ts';
import { type Placement, place, placeAnywhere } from './placement.ts';
import { stopsByShutdown } from './primitive.ts';
import { reserve } from './reserve.ts';
import { type Pass, restorePass } from './restore/passes.ts';
import { resume } from './restore/resume.ts';
import { restoreSystem } from './restore/system.ts';
import { verify } from './restore/verify.ts';
import { domidsToSave, saveDomainRecords, saveSystemRecords } from './save/index.ts';
import { indexPages, type PageIndex } from './save/page-index.ts';
import { resumeAll, shutDown } from './shutdown.ts';

export interface Update {
  readonly design: Design;
  readonly from: XenVersion;
  /** Known once an image is loaded. */
  readonly to: XenVersion | null;
  /** xen#1's host; null after the jump. */
  readonly host: Host | null;
  readonly place: Placement | null;
  readonly obstacles: readonly Obstacle[];
  /** Why the update was refused, cancelled or failed before the jump. */
  readonly refusals: readonly string[];
  readonly records: readonly LuRecord[];
  readonly saved: readonly number[];
  /** Pages by owner, made once for all domains: the host is parked, so it stays true. */
  readonly pages: PageIndex | null;
  readonly stream: Uint8Array | null;
  readonly memory: StreamMemory | null;
  readonly restoring: Restoring | null;
  /** Passes done, by domid: 1 is pass 0a, 5 is pass 2. */
  readonly passes: Readonly<Record<number, number>>;
  readonly resumed: readonly number[];
  readonly crash: Crash | null;
}

const PASS_EVENTS = ['restore.0a', 'restore.0b', 'restore.0c', 'restore.1', 'restore.2'] as const;

export type UpdateEvent =
  | { readonly type: 'kexec.load'; readonly build: XenBuild; readonly commandLine: string }
  | { readonly type: 'kexec.unload' }
  | { readonly type: 'lu.request' }
  | { readonly type: 'lu.park'; readonly domid: number }
  | { readonly type: 'lu.cancel' }
  | { readonly type: 'lu.timeout' }
  | { readonly type: 'lu.fail'; readonly what: string }
  | { readonly type: 'lu.save.system' }
  | { readonly type: 'lu.save.domain'; readonly domid: number }
  | { readonly type: 'lu.save.seal' }
  | { readonly type: 'lu.rollback' }
  | { readonly type: 'lu.jump' }
  | { readonly type: 'xen2.boot' }
  | { readonly type: 'xen2.map-stream' }
  | { readonly type: 'xen2.reserve' }
  | { readonly type: (typeof PASS_EVENTS)[number]; readonly domid: number }
  | { readonly type: 'restore.system' }
  | { readonly type: 'restore.verify' }
  | { readonly type: 'lu.resume'; readonly domid: number }
  | { readonly type: 'lu.settle' };

/** An update that has not begun, of this host under this design. */
export const newUpdate = (host: Host, from: XenVersion, design: Design): Update => ({
  design,
  from,
  to: null,
  host,
  place: null,
  obstacles: [],
  refusals: [],
  records: [],
  saved: [],
  pages: null,
  stream: null,
  memory: null,
  restoring: null,
  passes: {},
  resumed: [],
  crash: null,
});

/** The host as it stands: xen#1's, then xen#2's as far as it is built. */
export const hostOf = (u: Update): Host => {
  if (u.host !== null) return u.host;
  const r = u.restoring as { readonly hardware: Hardware; readonly xen: Xen };
  return { hardware: r.hardware, xen: r.xen };
};

export const note = (u: Update, reason: string): Update => ({
  ...u,
  refusals: [...u.refusals, reason],
});

// ------------------------------------------------------------- trigger

type Load = Extract<UpdateEvent, { readonly type: 'kexec.load' }>;

const isAnywhere = (u: Update): boolean => u.design.policies.Q10 === 'anywhere';

/** An image in the heap takes its place out of it, until it is unloaded (Q10). */
const claim = (u: Update, host: Host, p: Placement): Host =>
  isAnywhere(u) ? takeFrames(host, framesOf([p.bootmem, p.image])) : host;
const release = (u: Update): Host =>
  u.place !== null && isAnywhere(u)
    ? giveBack(hostOf(u), framesOf([u.place.bootmem, u.place.image]))
    : hostOf(u);

const placeFor = (u: Update, event: Load): E.Either<string, Placement> => {
  const host = hostOf(u);
  const option = findLiveUpdate(event.commandLine);
  if (E.isLeft(option)) return option;
  if (versionOf(event.build.version) === null)
    return E.left(`Xen ${event.build.version} is not described in design/versions`);
  if (isAnywhere(u))
    return placeAnywhere(host.xen.frames, host.xen.bootmem.count, event.build.imageFrames);
  const placed = place(host.xen.bootmem, host.xen.image, event.build.imageFrames);
  const changes = E.isRight(placed) && placed.right.bootmem.count !== host.xen.bootmem.count;
  return changes && u.design.policies.Q11 === 'fixed'
    ? E.left('the image would change the size of bootmem (Q11)')
    : placed;
};

/** Is there a place for this image (R28), and is its option one that Xen can read (F1.7)? */
export const imageFits = (u: Update, event: Load): boolean => E.isRight(placeFor(u, event));

/** kexec_load: the image goes into the default slot, with the option that kexec(8) appends (F1.6). */
export const load = (u: Update, event: Load): Update => {
  const host = hostOf(u);
  const placed = placeFor(u, event);
  if (E.isLeft(placed)) return note(u, placed.left);
  const commandLine = `${event.commandLine} ${formatLiveUpdate(placed.right.bootmem)}`.trim();
  const taken = claim(u, host, placed.right);
  const image = { type: 'live_update' as const, build: event.build, commandLine };
  return {
    ...u,
    to: versionOf(event.build.version),
    place: placed.right,
    host: withKexec(u.design.policies.Q15 === 'shared' ? withoutCrashKernel(taken) : taken, image),
  };
};

/** Where both share one region, the image is loaded over the crash kernel (Q15). */
const withoutCrashKernel = (host: Host): Host => {
  const { system } = host.xen;
  const kexec = { ...system.kexec, crash: null };
  return { ...host, xen: { ...host.xen, system: { ...system, kexec } } };
};

const withKexec = (host: Host, image: Xen['system']['kexec']['default']): Host => ({
  ...host,
  xen: {
    ...host.xen,
    system: { ...host.xen.system, kexec: { ...host.xen.system.kexec, default: image } },
  },
});

export const unload = (u: Update): Update => ({
  ...u,
  to: null,
  place: null,
  refusals: [],
  host: withKexec(release(u), null),
});

/** Everything that can be known before touching a domain: can xen#2 carry this host? */
export const check = (u: Update): Update => {
  const image = hostOf(u).xen.system.kexec.default;
  if (u.to === null || image?.build == null)
    return { ...u, refusals: ['no Live Update image is loaded'] };
  return {
    ...u,
    refusals: incompatibilities(hostOf(u), { build: image.build, to: u.to, design: u.design }),
  };
};

// ------------------------------------------------------------- quiesce

const boundary = (u: Update) => ({ design: u.design, from: u.from, to: u.to ?? u.from });

/** Looks what stands in the way. */
export const look = (u: Update): Update => ({ ...u, obstacles: obstacles(hostOf(u), boundary(u)) });

/** Obstacles that nothing will take away. */
const lasting = (u: Update): Obstacle[] =>
  u.obstacles.filter((o) => o.progress === null && o.mayEnd !== true);
/** Nothing will take an obstacle away, or what should have failed (then the reason is noted). */
export const isHopeless = (u: Update): boolean => lasting(u).length > 0 || u.refusals.length > 0;
export const refuseHopeless = (u: Update): Update => ({
  ...u,
  refusals: [
    ...u.refusals,
    ...lasting(u).map((o) => `${o.where}: ${o.what} (${o.sources.join(', ')})`),
  ],
});

/** Domains that an update pauses: all but those that nothing can run any more (R2). */
const toPark = (host: Host): number[] =>
  numericKeys(host.xen.domains).filter((id) => {
    const d = host.xen.domains[id];
    return d !== undefined && d.dying === 'alive' && !isParked(d);
  });

/** Is it stopped only after the others? An answer to Q13 takes HVM emulators for any HVM domain. */
const isLate = (u: Update, host: Host, d: Domain): boolean =>
  parksLate(host, d) && (d.type === 'pv' || u.design.policies.Q13 !== 'as-any');

/** May this domain be stopped now (R12, R14)? */
export const mayPark = (u: Update, domid: number): boolean => {
  const host = hostOf(u);
  const d = host.xen.domains[domid];
  if (d === undefined || !toPark(host).includes(domid)) return false;
  if (!stopsByShutdown(u.design, d) && domainObstacles(host, d, boundary(u)).length > 0)
    return false;
  if (!keeps(u.design, 'R14') || !isLate(u, host, d)) return true;
  // The late ones stop only when nothing needs them any more.
  const early = toPark(host).filter((id) => !isLate(u, host, host.xen.domains[id] as typeof d));
  if (early.length > 0 || emulatesForUnparked(host, d)) return false;
  return u.obstacles.every((o) => o.mayEnd === true);
};

export const parkDomain = (u: Update, domid: number): Update => {
  const host = hostOf(u);
  const d = host.xen.domains[domid];
  if (d === undefined) return u;
  if (!stopsByShutdown(u.design, d)) return { ...u, host: park(host, d) };
  const down = shutDown(host, domid, { version: u.from, design: u.design });
  if (E.isLeft(down)) return { ...u, crash: { what: down.left, sources: ["R12'", 'F2.23'] } };
  return { ...u, host: park(down.right, down.right.xen.domains[domid] ?? d) };
};

/** Everything is parked and nothing is under way (F9.9); without R2 the save may begin at once. */
export const isQuiescent = (u: Update): boolean =>
  u.obstacles.length === 0 && (!keeps(u.design, 'R2') || toPark(hostOf(u)).length === 0);

// ---------------------------------------------------------------- save

const target = (u: Update): XenVersion => u.to ?? u.from;

export const saveGlobals = (u: Update): Update => ({
  ...u,
  records: [...u.records, ...saveSystemRecords(hostOf(u), u.from, u.design)],
  pages: indexPages(hostOf(u).xen.frames),
});

/** Is this domain to be saved, and its turn: the lowest first, or any with several threads (Q12)? */
export const maySave = (u: Update, domid: number): boolean => {
  const left = domidsToSave(hostOf(u), u.design).filter((id) => !u.saved.includes(id));
  return u.design.policies.Q12 === 'single' ? left[0] === domid : left.includes(domid);
};

export const saveDomain = (u: Update, domid: number): Update => {
  const host = hostOf(u);
  const block = saveDomainRecords(host, domid, u.design, u.pages ?? indexPages(host.xen.frames));
  if (E.isLeft(block))
    return note(u, `d${domid}: ${block.left.what} (${block.left.sources.join(', ')})`);
  return { ...u, saved: [...u.saved, domid], records: [...u.records, ...block.right] };
};

export const allSaved = (u: Update): boolean =>
  u.saved.length === domidsToSave(hostOf(u), u.design).length;

/** The records become bytes, the bytes go into memory (R30, R31). */
export const seal = (u: Update): Update => {
  const bytes = encodeStream(u.records);
  if (E.isLeft(bytes))
    return note(u, `the stream cannot be written: ${describeStreamError(bytes.left)}`);
  const taken = takeStreamMemory(hostOf(u), bytes.right.length, u.design);
  if (E.isLeft(taken)) return note(u, taken.left);
  const { host, memory } = taken.right;
  return { ...u, stream: bytes.right, memory, host: writeStream(host, memory, bytes.right) };
};

/** Undoes the update up to the request (PNR-1). The image stays loaded, as before. */
export const rollBack = (u: Update): Update => {
  let host = hostOf(u);
  if (u.memory !== null) host = releaseStream(host, u.memory, u.design);
  for (const id of numericKeys(host.xen.domains).reverse()) {
    const d = host.xen.domains[id];
    if (d === undefined) continue;
    const resumes = isParked(d) && stopsByShutdown(u.design, d);
    host = unpark(host, d);
    if (resumes) host = resumeAll(host, id, { version: u.from, design: u.design });
  }
  return {
    ...u,
    host,
    records: [],
    saved: [],
    pages: null,
    stream: null,
    memory: null,
    obstacles: [],
  };
};

// ----------------------------------------------------------- hand-over

/** The point of no return: from here on the value has no way back to xen#1. */
export const jumpNow = (u: Update): Update => {
  const host = hostOf(u);
  const image = host.xen.system.kexec.default;
  if (u.memory === null || u.place === null || image?.build == null) return u;
  const handover = jump(
    host,
    u.memory,
    u.place,
    { build: image.build, commandLine: image.commandLine },
    u.design,
  );
  return { ...u, host: null, records: [], pages: null, restoring: enter(handover) };
};

/** One step of xen#2, or its crash. */
const step = (
  u: Update,
  f: (r: Restoring, design: Design) => E.Either<Crash, Restoring>,
): Update => {
  if (u.restoring === null || u.crash !== null) return u;
  const next = f(u.restoring, u.design);
  return E.isLeft(next) ? { ...u, crash: next.left } : { ...u, restoring: next.right };
};

export const bootXen2 = (u: Update): Update => step(u, boot);
export const mapStreamNow = (u: Update): Update => step(u, mapStream);
export const reserveNow = (u: Update): Update => step(u, reserve);

// ------------------------------------------------------------- restore

/** Domains that the stream holds: the only ones that xen#2 knows of. */
const restoredDomids = (u: Update): number[] =>
  u.restoring?.stream == null ? [] : numericKeys(u.restoring.stream.domains);

const passOf = (event: UpdateEvent): number =>
  (PASS_EVENTS as readonly string[]).indexOf(event.type) + 1;

/** Have all domains done this pass (1: 0a .. 5: 2)? */
export const passDone = (u: Update, pass: number): boolean =>
  restoredDomids(u).every((id) => (u.passes[id] ?? 0) >= pass);

/**
 * May this domain do this pass now? Its own earlier passes are done; all
 * domains have done the pass before, unless R38's barrier is dropped.
 */
export const mayRestore = (u: Update, event: UpdateEvent): boolean => {
  const pass = passOf(event);
  if (pass === 0 || !('domid' in event)) return false;
  if (!restoredDomids(u).includes(event.domid)) return false;
  if ((u.passes[event.domid] ?? 0) !== pass - 1) return false;
  if (pass < 5) return true;
  const lower = restoredDomids(u).filter((id) => id < event.domid);
  if (u.design.policies.Q14 === 'order' && lower.some((id) => (u.passes[id] ?? 0) < pass))
    return false;
  return !keeps(u.design, 'R38') || passDone(u, pass - 1);
};

export const restoreDomain = (u: Update, event: UpdateEvent): Update => {
  const pass = passOf(event);
  if (pass === 0 || !('domid' in event)) return u;
  const next = step(u, (r, design) => restorePass(r, event.domid, pass as Pass, design));
  return { ...next, passes: { ...next.passes, [event.domid]: pass } };
};

export const restoreSystemNow = (u: Update): Update => step(u, restoreSystem);
export const verifyNow = (u: Update): Update =>
  step(u, (r, design) => verify(r, target(u), design));

// -------------------------------------------------------------- resume

export const mayResume = (u: Update, domid: number): boolean =>
  restoredDomids(u).includes(domid) && !u.resumed.includes(domid);

/** Without R3 a domain runs as soon as its own passes are done (S67). */
export const mayResumeEarly = (u: Update, domid: number): boolean =>
  !keeps(u.design, 'R3') && mayResume(u, domid) && (u.passes[domid] ?? 0) === PASS_EVENTS.length;

export const resumeDomain = (u: Update, domid: number): Update => ({
  ...step(u, (r, design) => resume(r, domid, target(u), design)),
  resumed: [...u.resumed, domid],
});

export const allResumed = (u: Update): boolean =>
  restoredDomids(u).every((id) => u.resumed.includes(id));

/** xen#2 is the running Xen now: a world in which the next update has not begun. */
export const settle = (u: Update): Update =>
  u.host === null ? newUpdate(hostOf(u), target(u), u.design) : u;
