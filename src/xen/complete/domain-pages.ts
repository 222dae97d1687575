/** Gives each domain its pages: the known ones, and assumed ones up to the counts shown. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { FLAG } from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import type { DomainFacts, ListedPage } from './domain-facts.ts';
import { type CompletionError, completionError } from './errors.ts';
import { EXTRA, ORDINARY, own, SHARED, type Workbench } from './workbench.ts';

/** A domain's memory. */
export interface DomainPages {
  /** Ordinary pages, ascending. */
  readonly ordinary: Uint32Array;
  /** Xenheap pages in the order of the list, assumed ones last. */
  readonly xenheap: readonly Mfn[];
  /** Takes an ordinary page that the dump does not show, for a special use; null: none left. */
  readonly takeUnseen: () => Mfn | null;
  /** Unseen ordinary pages that takeUnseen can still give. */
  readonly unseenLeft: () => number;
  /** Ordinary pages with a special use, which are not free to be granted or made tables. */
  readonly special: Set<number>;
}

/** Shared_info, grant frames and status frames that a domain needs (F8.12). */
export const neededXenPages = (d: DomainFacts): number => {
  if (d.dying !== 'alive') return 0;
  const frames = d.grants?.frames ?? 1;
  const status = d.grants?.version === 2 ? Math.ceil((frames * 256) / 2048) : 0;
  return 1 + frames + status;
};

/** Frames that a domain needs from RAM: pages shown or not, P2M tables included. */
export const frameDemand = (d: DomainFacts): number => {
  const { nrPages, xenheapPages } = d.reading;
  const pages = Math.max(nrPages, d.domPages.length);
  const xen = Math.max(xenheapPages, d.xenPages.length, neededXenPages(d));
  const p2m = d.type === 'pv' ? 0 : 2 + Math.ceil(pages / 512) + (d.grants?.entries.length ?? 0);
  return pages + xen + d.extraPages.length + p2m + 2;
};

/** Flags that the words of a listed page ask for; references are found later. */
const claimListed = (w: Pick<Workbench, 'frames'>, d: DomainFacts): void => {
  const claim = (list: readonly ListedPage[], flags: number): void => {
    for (const { mfn: frame, caf } of list) {
      own(w.frames, frame, d.domid, caf.allocated ? flags : flags & ~FLAG.allocated);
    }
  };
  claim(d.domPages, ORDINARY);
  claim(d.extraPages, EXTRA);
  claim(d.xenPages, SHARED);
};

/** Pages of each node that key u gives the domain, less those that are known there. */
const perNode = (
  w: Workbench,
  d: DomainFacts,
  known: readonly number[],
  wanted: number,
): { node: number; pages: number }[] => {
  const { numa } = w.reading.memory;
  const shares = numa?.domains.find((m) => m.domid === d.domid)?.perNode ?? [];
  let left = wanted;
  return shares.map(({ node, pages }) => {
    const at = numa?.nodes.find((n) => n.node === node);
    const here =
      at === undefined
        ? 0
        : known.filter((f) => f >= at.startPfn && f < at.startPfn + at.spannedPages).length;
    const take = Math.max(0, Math.min(left, pages - here));
    left -= take;
    return { node, pages: take };
  });
};

const takeUnseenPages = (
  w: Workbench,
  d: DomainFacts,
  known: readonly number[],
  wanted: number,
): Uint32Array => {
  const parts: Uint32Array[] = [];
  let left = wanted;
  for (const { node, pages } of perNode(w, d, known, wanted)) {
    const part = w.pool.take(pages, node);
    parts.push(part);
    left -= part.length;
  }
  parts.push(w.pool.take(left));
  const all = new Uint32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all.sort();
};

/** Two ascending lists as one. */
const merge = (a: Uint32Array, b: readonly number[]): Uint32Array => {
  const out = new Uint32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out.sort();
};

const noRoom = (d: DomainFacts): CompletionError =>
  completionError(
    'no-memory',
    `RAM has no room for the ${d.reading.nrPages} pages of domain ${d.domid}`,
    'check the memory map and the page counts of the capture',
    d.reading,
  );

/** Marks all known frames first, so that no assumed page takes one of another domain. */
export const claimKnown = (w: Pick<Workbench, 'known' | 'frames'>): void => {
  for (const [frame, page] of w.known.pages)
    if (page.kind === 'page') own(w.frames, frame, page.owner, ORDINARY);
  for (const d of w.known.domains) claimListed(w, d);
};

const xenheapOf = (w: Workbench, d: DomainFacts): Either<CompletionError, Mfn[]> => {
  const listed = d.xenPages.map((p) => mfn(p.mfn));
  const missing = Math.max(0, neededXenPages(d) - listed.length);
  const taken = [...w.pool.take(missing)].map(mfn);
  if (taken.length < missing) return left(noRoom(d));
  for (const f of taken) own(w.frames, f, d.domid, SHARED);
  w.notes.assume('xen-pages', listed.length, d.domid);
  w.notes.assume('xen-pages-missing', missing, d.domid);
  return right([...listed, ...taken]);
};

/** All pages of one domain; the error: memory is used up. `known`: its known ordinary frames. */
export const pagesOf = (
  w: Workbench,
  d: DomainFacts,
  known: readonly number[],
): Either<CompletionError, DomainPages> => {
  const xenheap = xenheapOf(w, d);
  if (xenheap._tag === 'Left') return xenheap;
  const wanted = Math.max(0, d.reading.nrPages - known.length);
  const unseen = takeUnseenPages(w, d, known, wanted);
  if (unseen.length < wanted) return left(noRoom(d));
  for (const f of unseen) own(w.frames, f, d.domid, ORDINARY);
  w.notes.assume('domain-pages', unseen.length, d.domid);
  let last = unseen.length;
  const special = new Set<number>();
  return right({
    ordinary: merge(unseen, known),
    xenheap: xenheap.right,
    special,
    unseenLeft: () => last,
    takeUnseen: () => {
      if (last === 0) return null;
      const frame = mfn(unseen[--last] as number);
      special.add(frame);
      return frame;
    },
  });
};
