/**
 * What each step of the machine does to an update, from quiescing on. The
 * machine (`machines/live-update.ts`) decides *when*; here is *what*.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import { numericKeys } from '../host/codec.ts';
import type { Domain } from '../host/domain.ts';
import type { Host } from '../host/host.ts';
import { describeStreamError } from '../stream/errors.ts';
import { encodeStream } from '../stream/writer.ts';
import { boot, type Crash, enter, mapStream, type Restoring } from './boot.ts';
import { domainObstacles, obstacles } from './boundary/index.ts';
import type { Obstacle } from './boundary/obstacle.ts';
import { jump, releaseStream, takeStreamMemory, writeStream } from './handover.ts';
import { emulatesForUnparked, isParked, park, parksLate, unpark } from './pause.ts';
import { stopsByShutdown } from './primitive.ts';
import { reserve } from './reserve.ts';
import { type Pass, restorePass } from './restore/passes.ts';
import { resume } from './restore/resume.ts';
import { restoreSystem } from './restore/system.ts';
import { contradiction, verify } from './restore/verify.ts';
import { domidsToSave, saveDomainRecords, saveSystemRecords } from './save/index.ts';
import { indexPages } from './save/page-index.ts';
import { resumeAll, shutDown } from './shutdown.ts';
import { findsBreadcrumb } from './trigger.ts';
import {
  hostOf,
  newUpdate,
  note,
  PASS_EVENTS,
  type Update,
  type UpdateEvent,
} from './update-state.ts';

export * from './trigger.ts';
export { hostOf, newUpdate, note, type Update, type UpdateEvent } from './update-state.ts';

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
  // xen#1 may look at itself while a finding still costs nothing (Q8).
  const wrong = u.design.policies.Q8 === 'early' ? contradiction(hostOf(u), u.from) : null;
  if (wrong !== null) return note(u, `${wrong.what} (${wrong.sources.join(', ')})`);
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
  const stops = (what: string, ...sources: string[]): Update => ({
    ...u,
    crash: { what, sources },
  });
  if (image === null) return stops('kexec_reloc runs an image that was freed', 'R10', 'S10');
  if (image.build === null || image.type !== 'live_update')
    return stops('a kernel was started that knows of no update', 'R10', 'S10');
  if (u.memory === null || u.place === null) return stops('there is no stream, or no place', 'R30');
  const handover = jump(
    host,
    u.memory,
    u.place,
    { build: image.build, commandLine: image.commandLine },
    u.design,
  );
  const next = { ...u, host: null, records: [], pages: null, restoring: enter(handover) };
  // The breadcrumb is written last (F1.2), over whatever the image has there.
  return u.place.lowestSegment === 0
    ? {
        ...next,
        crash: { what: 'the breadcrumb lies over a segment of xen#2', sources: ['F1.3', 'S29'] },
      }
    : next;
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
/** A Xen that was booted normally and finds no breadcrumb starts afresh (S29). */
export const mapStreamNow = (u: Update): Update =>
  u.normalBoot !== null && u.restoring !== null && !findsBreadcrumb(u)
    ? { ...u, normalBoot: { fresh: true } }
    : step(u, mapStream);
export const startsAfresh = (u: Update): boolean => u.normalBoot?.fresh === true;
/** xen#2 stops by itself: a bug, a machine check. */
export const panic = (u: Update, what: string): Update => ({
  ...u,
  crash: u.crash ?? { what, sources: ['R44', 'Q8'] },
});
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
