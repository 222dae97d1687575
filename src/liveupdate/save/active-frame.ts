/** Which frame an active grant stands for (F7.3). */
import { type Design, keeps } from '../../design/design.ts';
import { GRANT_V1_PER_PAGE, GRANT_V2_PER_PAGE } from '../../host/constants.ts';
import { P2M_PER_LEAF, p2mFrame } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import { contentOf, type Hardware } from '../../host/hardware.ts';
import type { Host } from '../../host/host.ts';
import { type Mfn, mfn } from '../../host/ids.ts';

/** What the shared entry says now: a gfn, or for a PV granter the frame itself (F7.1). */
const sharedFrame = (hw: Hardware, granter: Domain, ref: number): number | null => {
  const { version, frames } = granter.grants;
  const perPage = version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE;
  const page = frames[Math.floor(ref / perPage)];
  if (page === undefined) return null;
  const entries = contentOf(hw, page, version === 1 ? 'grant-v1' : 'grant-v2')?.entries;
  return entries?.[ref % perPage]?.frame ?? null;
};

/** The frame behind a gfn, by the tables as they are; null: nothing there. */
const translate = (hw: Hardware, d: Domain, gfn: number): Mfn | null => {
  if (d.p2m === null) return mfn(gfn);
  const leaf = contentOf(hw, d.p2m.root, 'p2m-root')?.leaves[Math.floor(gfn / P2M_PER_LEAF)];
  const entry =
    leaf === undefined ? 0 : contentOf(hw, leaf, 'p2m-leaf')?.entries[gfn % P2M_PER_LEAF];
  return entry === undefined || entry === 0 ? null : p2mFrame(entry);
};

/**
 * The frame to save for an active entry: the one of its first pin. Without
 * the rule it is looked up anew from the shared entry, which the granter may
 * have changed since; where that names none, the old one stays.
 */
export const activeFrame = (
  { hardware }: Host,
  granter: Domain,
  ref: number,
  pinned: Mfn,
  design: Design,
): Mfn => {
  if (keeps(design, 'F7.3.frame')) return pinned;
  const shared = sharedFrame(hardware, granter, ref);
  return (shared === null ? null : translate(hardware, granter, shared)) ?? pinned;
};
