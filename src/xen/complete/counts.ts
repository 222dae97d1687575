/** The counts of a completed host: derived from its references, stored, and held against the dump. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Domain } from '../../host/domain.ts';
import { FLAG, setType } from '../../host/frame-table.ts';
import type { Host } from '../../host/host.ts';
import type { PageType } from '../../host/page-type.ts';
import { deriveCounts, deriveDomainRefs } from '../../host/references.ts';
import type { DomainFacts, ListedPage } from './domain-facts.ts';
import { type CompletionError, completionError } from './errors.ts';
import { hex, type Notes } from './notes.ts';
import { allPages } from './surplus.ts';
import type { Workbench } from './workbench.ts';

/** Stores the derived counts and types; the error: a page would have two types at once. */
export const storeCounts = (w: Workbench, host: Host): Either<CompletionError, void> => {
  const { frames } = w;
  const derived = deriveCounts(host, w.version.countRules);
  const conflict = derived.conflicts[0];
  if (conflict !== undefined)
    return left(
      completionError(
        'conflict',
        `page ${hex(conflict)} of d${frames.owner[conflict]} is used with two types at once`,
        'the dump shows a state that no Xen can be in: dump q, g and e again',
      ),
    );
  for (let f = 0; f < frames.owner.length; f++) {
    const flags = frames.flags[f] as number;
    if ((flags & (FLAG.reserved | FLAG.free)) !== 0) continue;
    frames.generalCount[f] = derived.general[f] as number;
    const count = derived.typeCount[f] as number;
    frames.typeCount[f] = count;
    setType(frames, f, count > 0 ? (derived.type[f] as PageType) : 0);
    const validated = count > 0 && (flags & FLAG.partial) === 0;
    const now = frames.flags[f] as number;
    frames.flags[f] = validated ? now | FLAG.validated : now & ~FLAG.validated;
  }
  return right(undefined);
};

const comparePage = (w: Workbench, d: DomainFacts, page: ListedPage): void => {
  const { mfn, caf, taf, reading } = page;
  const { frames, notes } = w;
  const differ = (id: string, what: string, shown: number, have: number): void => {
    if (shown === have) return;
    notes.contradict(
      id,
      d.domid,
      `page ${hex(mfn)} of d${d.domid} shows ${what} ${shown}, has ${have}`,
      { shown, have, at: [reading] },
    );
  };
  const flags = frames.flags[mfn] as number;
  differ('page-count', 'count', caf.count, frames.generalCount[mfn] as number);
  differ('page-type-count', 'type count', taf.count, frames.typeCount[mfn] as number);
  if (taf.count > 0) differ('page-type', 'type', taf.type, flags & FLAG.typeMask);
};

/** Pages of each domain, by one pass over the frame table. */
export interface Owned {
  readonly tot: number;
  readonly xenheap: number;
}

export const ownedPages = (w: Workbench): ReadonlyMap<number, Owned> => {
  const { owner, flags } = w.frames;
  const tot = new Uint32Array(2 ** 16);
  const xenheap = new Uint32Array(2 ** 16);
  for (let f = 0; f < owner.length; f++) {
    const bits = flags[f] as number;
    const id = owner[f] as number;
    if ((bits & FLAG.xenheap) !== 0) xenheap[id] = (xenheap[id] as number) + 1;
    else if ((bits & (FLAG.extra | FLAG.pool)) === 0) tot[id] = (tot[id] as number) + 1;
  }
  const out = new Map<number, Owned>();
  for (let id = 0; id < tot.length; id++)
    if (tot[id] !== 0 || xenheap[id] !== 0)
      out.set(id, { tot: tot[id] as number, xenheap: xenheap[id] as number });
  return out;
};

/** The domain's refcnt, which every holder that the model knows makes up (F2.14). */
const compareRefs = (host: Host, d: DomainFacts, domain: Domain, notes: Notes): void => {
  const have = deriveDomainRefs(host, domain);
  if (have === d.reading.refcnt) return;
  notes.contradict(
    'refcnt',
    d.domid,
    `d${d.domid} shows refcnt ${d.reading.refcnt}, its known holders are ${have}`,
    { shown: d.reading.refcnt, have, at: [d.reading] },
  );
};

const compareDomain = (host: Host, d: DomainFacts, domain: Domain, notes: Notes): void => {
  const numbers: [string, string, number, number][] = [
    ['nr-pages', 'nr_pages', d.reading.nrPages, domain.totPages],
    ['xenheap-pages', 'xenheap_pages', d.reading.xenheapPages, domain.xenheapPages],
  ];
  for (const [id, what, shown, have] of numbers)
    if (shown !== have)
      notes.contradict(id, d.domid, `d${d.domid} shows ${what} ${shown}, has ${have}`, {
        shown,
        have,
        at: [d.reading],
      });
  compareRefs(host, d, domain, notes);
};

/** Lists every count of the dump that the completed host does not reproduce. */
export const compareCounts = (w: Workbench, host: Host, domains: readonly DomainFacts[]): void => {
  for (const d of domains) {
    const domain = host.xen.domains[d.domid];
    if (domain !== undefined) compareDomain(host, d, domain, w.notes);
    for (const page of allPages(d)) comparePage(w, d, page);
  }
};
