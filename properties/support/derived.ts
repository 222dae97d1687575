/** Counts derived from references, once for each host and rule, however many invariants ask. */
import { FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { type CountRules, type DerivedCounts, deriveCounts } from '../../src/host/references.ts';

const known = new WeakMap<Host, Map<boolean, DerivedCounts>>();

export const countsOf = (host: Host, rules: CountRules): DerivedCounts => {
  const byRule = known.get(host) ?? new Map<boolean, DerivedCounts>();
  known.set(host, byRule);
  const found = byRule.get(rules.partialHoldsGeneralRef) ?? deriveCounts(host, rules);
  byRule.set(rules.partialHoldsGeneralRef, found);
  return found;
};

interface Owned {
  /** Ordinary pages, in tot_pages (F8.10). */
  readonly tot: number;
  readonly xenheap: number;
}

/** Pages of each domain, counted in one walk over the frame table. */
export const ownedBy = (host: Host): ((domid: number) => Owned) => {
  const { owner, flags } = host.xen.frames;
  const tot = new Uint32Array(0x8000);
  const xenheap = new Uint32Array(0x8000);
  for (let f = 0; f < owner.length; f++) {
    const id = (owner[f] as number) & 0x7fff;
    const flag = flags[f] as number;
    if ((flag & FLAG.xenheap) !== 0) xenheap[id] = (xenheap[id] as number) + 1;
    else if ((flag & (FLAG.extra | FLAG.pool)) === 0) tot[id] = (tot[id] as number) + 1;
  }
  return (domid) => ({ tot: tot[domid] ?? 0, xenheap: xenheap[domid] ?? 0 });
};
