/** What is assumed and what disagrees, gathered while a host is completed. */
import type { Place } from '../capture/reading.ts';
import { ASSUMPTIONS, type Assumption, type AssumptionId } from './assumptions.ts';

/** A place where the completed host says something else than the dump. */
export interface HostContradiction {
  /** Kind of disagreement, kebab case. */
  readonly id: string;
  /** In words, both numbers included. */
  readonly text: string;
  /** The domain it is about, null: the host. */
  readonly domid: number | null;
  /** The number that the dump shows and the one of the host; null: not a matter of numbers. */
  readonly shown: number | null;
  readonly have: number | null;
  readonly sources: readonly Place[];
}

/** Of one kind in one domain this many are listed; the rest is counted. */
const LISTED = 8;

export interface Notes {
  /** Notes that `count` more objects rest on an assumption; 0 notes nothing. */
  readonly assume: (id: AssumptionId, count: number, domid?: number) => void;
  readonly contradict: (
    id: string,
    domid: number | null,
    text: string,
    more?: { readonly shown?: number; readonly have?: number; readonly at?: readonly Place[] },
  ) => void;
  /** In the order of the catalogue. */
  readonly assumptions: () => Assumption[];
  /** In the order of their finding; what is beyond the limit as one entry each. */
  readonly contradictions: () => HostContradiction[];
}

export const createNotes = (): Notes => {
  const counts = new Map<AssumptionId, { count: number; where: Set<number> }>();
  const found: HostContradiction[] = [];
  const kinds = new Map<string, { id: string; domid: number | null; count: number }>();
  return {
    assume: (id, count, domid) => {
      if (count <= 0) return;
      const entry = counts.get(id) ?? { count: 0, where: new Set<number>() };
      entry.count += count;
      if (domid !== undefined) entry.where.add(domid);
      counts.set(id, entry);
    },
    contradict: (id, domid, text, more = {}) => {
      const key = `${id} ${domid}`;
      const kind = kinds.get(key) ?? { id, domid, count: 0 };
      kind.count++;
      kinds.set(key, kind);
      if (kind.count > LISTED) return;
      const sources = (more.at ?? []).map(({ file, line }) => ({ file, line }));
      const { shown = null, have = null } = more;
      found.push({ id, domid, text, shown, have, sources });
    },
    assumptions: () =>
      (Object.keys(ASSUMPTIONS) as AssumptionId[]).flatMap((id) => {
        const entry = counts.get(id);
        if (entry === undefined) return [];
        const where = [...entry.where].sort((a, b) => a - b);
        const base = { id, text: ASSUMPTIONS[id], count: entry.count };
        return [where.length === 0 ? base : { ...base, where }];
      }),
    contradictions: () => [
      ...found,
      ...[...kinds.values()]
        .filter((k) => k.count > LISTED)
        .map((k) => ({
          id: k.id,
          domid: k.domid,
          text: `${k.domid === null ? '' : `d${k.domid}: `}and ${k.count - LISTED} more (${k.id})`,
          shown: null,
          have: null,
          sources: [],
        })),
    ],
  };
};

export const hex = (n: number): string => `0x${n.toString(16)}`;
