/** The P2M of a translated domain: gfns that grants show, and assumed ones (F8.18, F8.22). */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { P2M_PER_LEAF, P2M_TYPE, p2mEntry } from '../../host/content.ts';
import type { P2m } from '../../host/domain.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import type { GuestImage } from '../migration/guest-image.ts';
import { pageIndex } from '../migration/page-list.ts';
import { hasPage } from '../migration/record-types.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPages } from './domain-pages.ts';
import { type CompletionError, completionError } from './errors.ts';
import type { HostMap } from './maptrack.ts';
import { hex } from './notes.ts';
import { own, POOL, type Workbench } from './workbench.ts';

/** Beyond the highest gfn value (INVALID_GFN of the model is 32 bits). */
const GFN_LIMIT = 2 ** 32 - 1;

/** A frame that a translated domain maps of another one without a grant. */
export interface ForeignMap {
  readonly frame: number;
  readonly writable: boolean;
}

/** Gfn of each page that a grant of the domain shows: the frame in the shared entry. */
const shownGfns = (
  w: Workbench,
  d: DomainFacts,
): { byFrame: Map<number, number>; taken: Set<number> } => {
  const byFrame = new Map<number, number>();
  const taken = new Set<number>();
  for (const grant of w.known.grants.get(d.domid) ?? []) {
    if (w.known.pages.get(grant.mfn)?.kind !== 'page' || byFrame.has(grant.mfn)) continue;
    const gfn = Number(grant.sharedFrame);
    if (gfn >= GFN_LIMIT || taken.has(gfn)) {
      w.notes.contradict(
        'gfn',
        d.domid,
        `d${d.domid} grant ${hex(grant.ref)} is of gfn ${hex(gfn)}, which is ${
          taken.has(gfn) ? 'another frame' : 'too high'
        }`,
        { at: [grant] },
      );
      continue;
    }
    byFrame.set(grant.mfn, gfn);
    taken.add(gfn);
  }
  return { byFrame, taken };
};

interface Leaves {
  readonly set: (gfn: number, entry: number) => boolean;
  readonly frames: readonly Mfn[];
}

/** Leaves under a root, made where entries are set; false: memory is used up. */
const createLeaves = (w: Workbench, d: DomainFacts, root: Mfn): Leaves => {
  const leaves: Record<number, Mfn> = {};
  const tables = new Map<number, Uint32Array>();
  const frames: Mfn[] = [root];
  w.content[root] = { kind: 'p2m-root', leaves };
  return {
    frames,
    set: (gfn, entry) => {
      const index = Math.floor(gfn / P2M_PER_LEAF);
      let table = tables.get(index);
      if (table === undefined) {
        const frame = w.pool.take(1)[0];
        if (frame === undefined) return false;
        own(w.frames, frame, d.domid, POOL);
        table = new Uint32Array(P2M_PER_LEAF);
        tables.set(index, table);
        leaves[index] = mfn(frame);
        frames.push(mfn(frame));
        w.content[frame] = { kind: 'p2m-leaf', entries: table };
      }
      table[gfn % P2M_PER_LEAF] = entry;
      return true;
    },
  };
};

/** Is there a P2M to be built: not once a dying domain has lost its paging structures (F2.10)? */
export const hasP2m = (d: DomainFacts, phase: string): boolean =>
  d.type !== 'pv' && d.dying !== 'dead' && phase !== 'l4';

/** Gfns to be given out, each once: for pages of the domain, and for mappings of others'. */
interface Gfns {
  readonly ownGfn: () => number;
  readonly otherGfn: () => number;
}

/**
 * Those that `taken` leaves over, ascending: of a given guest where it has
 * pages, and for mappings where it has none.
 */
const gfnsOf = (guest: GuestImage | undefined, taken: ReadonlySet<number>): Gfns => {
  if (guest === undefined) {
    let next = 0;
    const nextGfn = (): number => {
      while (taken.has(next)) next++;
      return next++;
    };
    return { ownGfn: nextGfn, otherGfn: nextGfn };
  }
  const { pfns, types } = guest.pages;
  const isPage = (i: number): boolean => hasPage(types[i] ?? 0) && !taken.has(pfns[i] ?? 0);
  let at = 0;
  let free = 0;
  return {
    ownGfn: () => {
      while (at < pfns.length && !isPage(at)) at++;
      return pfns[at++] ?? 0;
    },
    otherGfn: () => {
      const isUsed = (gfn: number): boolean => {
        const i = pageIndex(guest.pages, gfn);
        return i >= 0 && hasPage(types[i] ?? 0);
      };
      while (isUsed(free)) free++;
      return free++;
    },
  };
};

export interface P2mInputs {
  readonly facts: DomainFacts;
  readonly pages: DomainPages;
  readonly hostMaps: readonly HostMap[];
  readonly foreign: readonly ForeignMap[];
}

/**
 * The P2M over all ordinary pages, then what the domain has mapped of others.
 * Writes the M2P of its pages too. The error: no memory for the tables.
 */
export const p2mOf = (w: Workbench, inputs: P2mInputs): Either<CompletionError, P2m> => {
  const { facts: d, pages, hostMaps, foreign } = inputs;
  const noRoom = (): Either<CompletionError, never> =>
    left(
      completionError(
        'no-memory',
        `RAM has no room for the P2M tables of domain ${d.domid}`,
        'check the memory map and the page counts of the capture',
        d.reading,
      ),
    );
  const root = w.pool.take(1)[0];
  if (root === undefined) return noRoom();
  own(w.frames, root, d.domid, POOL);
  const leaves = createLeaves(w, d, mfn(root));
  const { byFrame, taken } = shownGfns(w, d);
  const { ownGfn, otherGfn } = gfnsOf(d.guest, taken);
  for (const frame of pages.ordinary) {
    const gfn = byFrame.get(frame) ?? ownGfn();
    w.m2p[frame] = gfn;
    if (!leaves.set(gfn, p2mEntry(frame, P2M_TYPE.ram_rw))) return noRoom();
  }
  for (const { frame, writable } of hostMaps) {
    const type = writable ? P2M_TYPE.grant_map_rw : P2M_TYPE.grant_map_ro;
    if (!leaves.set(otherGfn(), p2mEntry(frame, type))) return noRoom();
  }
  for (const { frame } of foreign)
    if (!leaves.set(otherGfn(), p2mEntry(frame, P2M_TYPE.map_foreign))) return noRoom();
  w.notes.assume('m2p-entries', pages.ordinary.length - byFrame.size, d.domid);
  w.notes.assume('p2m-tables', leaves.frames.length, d.domid);
  w.notes.assume('p2m-no-xen-pages', pages.xenheap.length, d.domid);
  return right({
    root: mfn(root),
    tableFrames: leaves.frames,
    sharedWithIommu: false,
    nrForeign: foreign.length,
    logDirty: d.reading.paging?.includes('log_dirty') ?? false,
    ioreqServer: null,
  });
};
