/** Counts derived from references, once for each host and rule, however many invariants ask. */
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
