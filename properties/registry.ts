/**
 * The invariants that there are: one for each file in `invariants/`, found by
 * reading the folder, so that a new file is all it takes. And the judge: what
 * each of them says of an update.
 */
import type { Design } from '../src/design/design.ts';
import type { XenVersion } from '../src/design/versions.ts';
import type { Host } from '../src/host/host.ts';
import { loadFolder } from './folder.ts';
import type {
  Invariant,
  Refusal,
  Step,
  UpdateEvidence,
  Verdict,
  Waiting,
  Watcher,
} from './invariant.ts';

/** Longest title that fits a line of output beside its verdict. */
const MAX_TITLE = 60;

const HERE = new URL('./invariants/', import.meta.url);

/** What an invariant may look at: in an update that went through, and in others. */
const SAID_OF_AN_UPDATE = ['host', 'saved', 'update', 'watch'] as const;
const LOOKS = [...SAID_OF_AN_UPDATE, 'waiting', 'refused'] as const;

/** Why a value is no invariant, or null. */
const faultOf = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return 'has no default export of an invariant';
  const i = value as Partial<Invariant>;
  if (typeof i.id !== 'string' || i.id === '') return 'has no id';
  if (typeof i.title !== 'string' || i.title === '' || i.title.length > MAX_TITLE)
    return `needs a title of 1 to ${MAX_TITLE} characters`;
  if (!i.says || !i.why) return 'must say what it says, and why';
  if (!Array.isArray(i.sources) || i.sources.length === 0) return 'names no source';
  if (!LOOKS.some((look) => i[look] !== undefined)) return 'looks at nothing';
  return null;
};

/**
 * All invariants of a folder, sorted by id. Works from sources and from the
 * compiled tree.
 *
 * @throws Error that names the file, for one without a proper default export,
 *   and both files, for an id that is there twice.
 */
export const loadInvariants = (folder: URL = HERE): Promise<readonly Invariant[]> =>
  loadFolder(folder, 'properties/invariants', faultOf);

/** What an invariant says of an update. */
export interface Judgement {
  readonly id: string;
  readonly title: string;
  readonly holds: boolean;
  /** Over how many objects it was evaluated. */
  readonly checked: number;
  /** What offends, one line each; absent when it holds. */
  readonly detail?: readonly string[];
}

/** The watchers of one update, by id. */
export type Watchers = ReadonlyMap<string, Watcher>;

export const startWatching = (invariants: readonly Invariant[], design: Design): Watchers =>
  new Map(invariants.flatMap((i) => (i.watch === undefined ? [] : [[i.id, i.watch(design)]])));

/** Shows a step to every watcher. */
export const showStep = (watchers: Watchers, step: Step): void => {
  for (const w of watchers.values()) w.see(step);
};

/** A verdict, and at what moment it was given: "" goes without saying. */
type Part = readonly [moment: string, verdict: Verdict];

const judgement = (i: Invariant, parts: readonly Part[]): Judgement => {
  const detail = parts.flatMap(([moment, v]) => [
    ...v.offenders.map((o) => `${moment}${o.where}: ${o.what}`),
    ...((v.unlisted ?? 0) > 0 ? [`${moment}and ${v.unlisted} more`] : []),
  ]);
  const checked = parts.reduce((n, [, v]) => n + v.checked, 0);
  const holds = detail.length === 0;
  return { id: i.id, title: i.title, holds, checked, ...(holds ? {} : { detail }) };
};

/** Everything that one invariant has to say. Nothing is asked of a host that xen#2 never finished. */
const partsOf = (i: Invariant, e: UpdateEvidence, watcher: Watcher | undefined): Part[] => {
  const parts: Part[] = [];
  const arrived = e.outcome === 'resumed';
  if (i.host !== undefined) parts.push(['before the update: ', i.host(e.before, e.from)]);
  if (i.saved !== undefined) parts.push(['at the save: ', i.saved(e.saved, e.from)]);
  if (watcher !== undefined) parts.push(['', watcher.verdict()]);
  if (i.update !== undefined && (arrived || i.afterCrash === true)) parts.push(['', i.update(e)]);
  if (i.host !== undefined && arrived) parts.push(['after the update: ', i.host(e.after, e.to)]);
  return parts;
};

/** Judges an update. `watchers` have seen its steps; an absent one has nothing to say. */
export const judge = (
  invariants: readonly Invariant[],
  evidence: UpdateEvidence,
  watchers: Watchers = new Map(),
): Judgement[] =>
  invariants
    .filter((i) => SAID_OF_AN_UPDATE.some((look) => i[look] !== undefined))
    .map((i) => judgement(i, partsOf(i, evidence, watchers.get(i.id))));

/** Judges a host at rest, by the invariants that can be asked of a single host. */
export const judgeHost = (
  invariants: readonly Invariant[],
  host: Host,
  version: XenVersion,
): Judgement[] =>
  invariants.flatMap((i) =>
    i.host === undefined ? [] : [judgement(i, [['', i.host(host, version)]])],
  );

/** Judges an update that waits, by the invariants that say something of waiting. */
export const judgeWaiting = (invariants: readonly Invariant[], waiting: Waiting): Judgement[] =>
  invariants.flatMap((i) =>
    i.waiting === undefined ? [] : [judgement(i, [['while it waits: ', i.waiting(waiting)]])],
  );

/** Judges an update that was given up, by the invariants that say something of refusals. */
export const judgeRefusal = (invariants: readonly Invariant[], refusal: Refusal): Judgement[] =>
  invariants.flatMap((i) =>
    i.refused === undefined ? [] : [judgement(i, [['after the refusal: ', i.refused(refusal)]])],
  );
