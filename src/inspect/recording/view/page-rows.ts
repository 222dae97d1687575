/** The pages of each domain, counted by type and by references. */
import { DOMID_FIRST_RESERVED } from '../../../host/constants.ts';
import { FLAG, type FrameTable, frameCount } from '../../../host/frame-table.ts';
import { type PageType, pageTypeName } from '../../../host/page-type.ts';
import type { Row } from '../recording.ts';

interface Sums {
  readonly byType: number[];
  pages: number;
  general: number;
  typed: number;
  pinned: number;
  partial: number;
}

const TYPES: readonly PageType[] = [1, 2, 3, 4, 5, 6, 7];

const rowOf = (s: Sums): Row => ({
  'owned frames': s.pages,
  'sum of count_info': s.general,
  'sum of type counts': s.typed,
  ...(s.pinned === 0 ? {} : { pinned: s.pinned }),
  ...(s.partial === 0 ? {} : { 'partly validated': s.partial }),
  ...Object.fromEntries(
    TYPES.filter((t) => (s.byType[t] ?? 0) > 0).map((t) => [
      `type ${pageTypeName(t)}`,
      s.byType[t] ?? 0,
    ]),
  ),
});

/** One pass over the frame table; types count where references make them real (F8.3). */
export const pageRows = (frames: FrameTable): Record<string, Row> => {
  const byDomid = new Map<number, Sums>();
  const n = frameCount(frames);
  for (let f = 0; f < n; f++) {
    const owner = frames.owner[f] as number;
    if (owner >= DOMID_FIRST_RESERVED) continue;
    let sums = byDomid.get(owner);
    if (sums === undefined) {
      sums = { byType: [], pages: 0, general: 0, typed: 0, pinned: 0, partial: 0 };
      byDomid.set(owner, sums);
    }
    const flags = frames.flags[f] as number;
    const typed = frames.typeCount[f] as number;
    sums.pages++;
    sums.general += frames.generalCount[f] as number;
    sums.typed += typed;
    if ((flags & FLAG.pinned) !== 0) sums.pinned++;
    if ((flags & FLAG.partial) !== 0) sums.partial++;
    const type = flags & FLAG.typeMask;
    if (typed > 0) sums.byType[type] = (sums.byType[type] ?? 0) + 1;
  }
  return Object.fromEntries(
    [...byDomid].sort(([a], [b]) => a - b).map(([domid, s]) => [`d${domid}`, rowOf(s)]),
  );
};
