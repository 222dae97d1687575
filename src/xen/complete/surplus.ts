/** References that the dump shows on a listed page and that nothing so far holds. */
import { PGT } from '../../host/page-type.ts';
import type { DerivedCounts } from '../../host/references.ts';
import type { DomainFacts, ListedPage } from './domain-facts.ts';
import type { ForeignMap } from './p2m-tables.ts';

/** References found for a page beyond the derived ones. */
export interface Found {
  readonly general: number;
  readonly type: number;
}
const nothing: Found = { general: 0, type: 0 };

/** A count in the thousands is no count of mappings: it is left unexplained. */
const MAPPINGS_MAX = 4096;

/**
 * The L1 entries that explain what is left of a page's counts: writable ones
 * for its writable type references, read-only ones for the rest.
 */
export const missingMappings = (
  page: ListedPage,
  base: DerivedCounts,
  found: Found = nothing,
): ForeignMap[] => {
  const { mfn: frame, caf, taf } = page;
  const general = caf.count - (base.general[frame] ?? 0) - found.general;
  const type = taf.count - (base.typeCount[frame] ?? 0) - found.type;
  const count = general > MAPPINGS_MAX ? 0 : Math.max(0, general);
  const writable = taf.type === PGT.writable ? Math.min(Math.max(0, type), count) : 0;
  return Array.from({ length: count }, (_, i) => ({ frame, writable: i < writable }));
};

/** Listed pages of all three lists. */
export const allPages = (d: DomainFacts): ListedPage[] => [
  ...d.domPages,
  ...d.xenPages,
  ...d.extraPages,
];
