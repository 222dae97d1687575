/**
 * One check: read a capture, complete it to a host, update it, judge it. No
 * printing here; progress is told to whoever wants to show it.
 */
import * as E from 'fp-ts/lib/Either.js';
import { loadInvariants } from '../../properties/registry.ts';
import { defaultDesign } from '../design/design.ts';
import { nearestVersion, VERSIONS, versionOf, type XenVersion } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import type { Host } from '../host/host.ts';
import { readCapture } from '../xen/capture/read-capture.ts';
import type { CaptureError, Reading } from '../xen/capture/reading.ts';
import type { Assumption } from '../xen/complete/assumptions.ts';
import { completeHost } from '../xen/complete/complete-host.ts';
import type { GivenGuest } from '../xen/complete/guests.ts';
import { summarise } from '../xen/complete/summarise.ts';
import { readGuest } from './import-guest.ts';
import { counterexampleOf, updateAndJudge } from './judge-update.ts';
import { type BadInput, type CheckResult, oneProblem, type Remark } from './result.ts';
import { sourceLines } from './sources.ts';

export interface CheckOptions {
  /** Versions by id; the capture's own for both if absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly onProgress?: (what: string) => void;
  /** Save streams to be put in the place of domains: name or domid, and file. */
  readonly guests?: readonly GuestFile[];
}

/** A guest's save stream, and the domain that it is. */
export interface GuestFile {
  readonly name: string;
  readonly path: string;
}

/** A capture as read and completed. */
export interface Imported {
  readonly reading: Reading;
  readonly host: Host;
  readonly assumed: readonly Assumption[];
  readonly contradictions: readonly Remark[];
}

const placeText = (p: { readonly file: string; readonly line: number | undefined }): string =>
  p.line === undefined ? p.file : `${p.file}:${p.line}`;

/** What is wrong with a capture, as every command says it. */
export const badCapture = (capture: string, e: CaptureError): BadInput => ({
  capture,
  omitted: e.omitted,
  problems: e.problems.map((p) => ({ place: placeText(p), what: p.what, hint: p.hint })),
});

/** All guests, read one after the other; Left: the first that cannot be read. */
const readGuests = async (
  files: readonly GuestFile[],
  onProgress: (what: string) => void,
): Promise<E.Either<BadInput, readonly GivenGuest[]>> => {
  const guests: GivenGuest[] = [];
  for (const { name, path } of files) {
    onProgress(`reading ${path}`);
    const guest = await readGuest(path);
    if (E.isLeft(guest)) return guest;
    guests.push({ name, source: path, guest: guest.right });
  }
  return E.right(guests);
};

/**
 * Reads a capture and completes it to a host, of another version than its own
 * if one is given, with the guests that are given in the place of what the
 * capture does not show. Never throws for what is in the files.
 */
export const importCapture = async (
  capture: string,
  onProgress: (what: string) => void = () => undefined,
  version?: XenVersion,
  guestFiles: readonly GuestFile[] = [],
): Promise<E.Either<BadInput, Imported>> => {
  onProgress(`reading ${capture}`);
  const read = await readCapture(capture);
  if (E.isLeft(read)) return E.left(badCapture(capture, read.left));
  const guests = await readGuests(guestFiles, onProgress);
  if (E.isLeft(guests)) return guests;
  onProgress('completing the host');
  const completed = completeHost(read.right, {
    guests: guests.right,
    ...(version === undefined ? {} : { version }),
  });
  if (E.isLeft(completed))
    return E.left({
      capture,
      omitted: 0,
      problems: completed.left.map((p) => ({
        place: p.place === null ? capture : placeText(p.place),
        what: p.what,
        hint: p.hint,
      })),
    });
  const { host, assumed, contradictions } = completed.right;
  return E.right({
    reading: read.right,
    host,
    assumed,
    contradictions: [
      ...read.right.contradictions.map((c) => ({ text: c.what, places: c.sources })),
      ...contradictions.map((c) => ({ text: c.text, places: c.sources })),
    ],
  });
};

/** The description of a version that was asked for, or what is wrong with it. */
const described = (id: string | undefined): E.Either<string, XenVersion | undefined> => {
  if (id === undefined) return E.right(undefined);
  const version = versionOf(id);
  const known = VERSIONS.map((v) => v.id).join(', ');
  return version === null
    ? E.left(`no description of Xen ${id}; there are ${known}`)
    : E.right(version);
};

/** The version that the host was completed for. */
export const ownVersion = (host: Host): XenVersion | null => {
  const { version } = host.xen.build;
  const [major, minor] = version.split('.').map(Number);
  return versionOf(version) ?? nearestVersion(major ?? 0, minor ?? 0);
};

/** The whole check of one capture; Left is bad input or an unknown version. */
export const checkCapture = async (
  capture: string,
  options: CheckOptions = {},
): Promise<E.Either<BadInput, CheckResult>> => {
  const tell = options.onProgress ?? (() => undefined);
  const unusable = (what: string): E.Either<BadInput, never> => E.left(oneProblem(capture, what));
  const [fromAsked, toAsked] = [described(options.from), described(options.to)];
  if (E.isLeft(fromAsked)) return unusable(fromAsked.left);
  if (E.isLeft(toAsked)) return unusable(toAsked.left);
  const imported = await importCapture(capture, tell, fromAsked.right, options.guests);
  if (E.isLeft(imported)) return imported;
  const { host, reading, assumed, contradictions } = imported.right;
  const from = fromAsked.right ?? ownVersion(host);
  if (from === null) return unusable(`Xen ${host.xen.build.version} is older than all described`);
  const to = toAsked.right ?? from;
  const judged = updateAndJudge({
    host,
    from,
    to,
    design: defaultDesign,
    invariants: await loadInvariants(),
    onProgress: tell,
  });
  const { outcome, steps, invariants } = judged;
  const counterexample = counterexampleOf(judged);
  return E.right({
    capture,
    from: from.id,
    to: to.id,
    verdict:
      counterexample !== undefined ? 'violated' : outcome.kind === 'refused' ? 'refused' : 'holds',
    host: summarise(host),
    read: [
      ...sourceLines(reading),
      ...(options.guests ?? []).map((g) => `guest ${g.name}, as it was when saved: ${g.path}`),
    ],
    repaired: reading.repairs.map((r) => ({
      text: `"${r.was.trim()}" read as "${r.readAs.trim()}"`,
      places: [{ file: r.file, line: r.line }],
    })),
    contradictions,
    assumed,
    steps,
    invariants,
    refusals: outcome.kind === 'refused' ? outcome.reasons : [],
    ...(counterexample === undefined ? {} : { counterexample }),
  });
};

/** The domains of a host, one line each, for `import`. */
export const domainLines = (host: Host): string[] =>
  numericEntries(host.xen.domains).map(([id, d]) => {
    const life =
      d.dying === 'alive' ? (d.shutdown.state === 'complete' ? 'shut down' : 'alive') : d.dying;
    const ports = Object.keys(d.events.channels).length;
    const grants = Object.keys(d.grants.active).length;
    return (
      `d${id} ${d.name ?? ''} ${d.type}, ${life}, ${d.vcpus.length} vCPU, ` +
      `${d.totPages} pages, ${ports} ports, ${grants} grants`
    );
  });
