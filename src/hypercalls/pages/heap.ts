/** Pages from the heap to a domain: alloc_domheap_page, assign_pages, share_xen_page (F8.10, F8.12). */
import { keeps } from '../../design/design.ts';
import { INVALID_M2P_ENTRY } from '../../host/constants.ts';
import { FLAG, frameCount } from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { framesOf, range } from '../../host/ranges.ts';
import { ownsPages } from '../../host/references.ts';
import { getDomain } from '../domains.ts';
import { type Refused, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';

/** Frames of init code and data, freed after the boot: the lowest of the image (R29). */
const INIT_FRAMES = 64;

/**
 * Memory that the heap must not have: bootmem, for what Xen shares with
 * guests, and the freed init memory, which is bootmem as well. Only a design
 * that lacks the rule has it to give (R27, R29, S25, S26).
 */
const wronglyFree = (tx: Transaction, kind: number): number | null => {
  const { bootmem, image } = tx.xen;
  const { design } = tx.ctx;
  const from = [
    ...(!keeps(design, 'R27') && kind === FLAG.xenheap
      ? [range(bootmem.start + 1, INIT_FRAMES)]
      : []),
    ...(keeps(design, 'R29') ? [] : [range(image.start, INIT_FRAMES)]),
  ];
  for (const f of framesOf(from)) if (tx.frames.flags[f] === FLAG.reserved) return f;
  return null;
};

/** The lowest free frame, or null: out of memory. */
const lowestFree = (tx: Transaction): number | null => {
  const { flags } = tx.frames;
  const n = frameCount(tx.frames);
  for (let f = 1; f < n; f++) if (((flags[f] as number) & FLAG.free) !== 0) return f;
  return null;
};

/**
 * One page for a domain, its old content gone. `kind`: 0 an ordinary page,
 * which counts against max_pages; FLAG.extra a page of Xen's for it;
 * FLAG.pool one of its paging pool; FLAG.xenheap a page that Xen shares with
 * it, writable. A dying domain gets
 * none (-EINVAL, F2.12); -ENOMEM: the heap is empty or the limit reached.
 */
export const allocatePage = (tx: Transaction, d: MutableDomain, kind: number): Mfn | Refused => {
  if (d.dying !== 'alive') return refuse('EINVAL', `d${d.domid} is dying`);
  if (kind === 0 && d.totPages >= d.maxPages)
    return refuse('ENOMEM', `d${d.domid} has its ${d.maxPages} pages`);
  const frame = wronglyFree(tx, kind) ?? lowestFree(tx);
  if (frame === null) return refuse('ENOMEM', 'no free page');
  const listed = kind === 0 || kind === FLAG.extra;
  if (listed && !ownsPages(tx.frames, d)) getDomain(d);
  if (kind === 0) d.totPages++;
  const t = tx.framesToWrite;
  const shared = kind === FLAG.xenheap;
  t.owner[frame] = d.domid;
  t.flags[frame] = FLAG.allocated | kind | (shared ? PGT.writable | FLAG.validated : PGT.none);
  t.generalCount[frame] = 1;
  t.typeCount[frame] = shared ? 1 : 0;
  delete tx.hardware.content[frame];
  tx.setM2p(frame, INVALID_M2P_ENTRY);
  if (shared) {
    if (d.xenheapPages === 0) getDomain(d);
    d.xenheapPages++;
  }
  return mfn(frame);
};
