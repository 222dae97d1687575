/** Equality of hosts, in the two senses that matter. */
import { diffHosts, EXACT } from './diff.ts';
import type { Host } from './host.ts';

/** The same, bit for bit: what an aborted update must lead back to (PNR-1). */
export const sameHost = (a: Host, b: Host): boolean =>
  diffHosts(a, b, { ...EXACT, limit: 1 }).length === 0;

/** Indistinguishable for guests and tools: what an update must lead to. */
export const equivalentHosts = (before: Host, after: Host): boolean =>
  diffHosts(before, after, { limit: 1 }).length === 0;
