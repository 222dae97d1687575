/** Which xenheap page of a domain is which (F8.12): the dump shows frames, not their use. */
import { GRANT_STATUS_PER_PAGE, GRANT_V2_PER_PAGE } from '../../host/constants.ts';
import type { PageContent } from '../../host/content.ts';
import type { Mfn } from '../../host/ids.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPages } from './domain-pages.ts';
import type { Workbench } from './workbench.ts';

export interface XenPages {
  readonly sharedInfo: Mfn | null;
  readonly grantFrames: readonly Mfn[];
  readonly statusFrames: readonly Mfn[];
}

export const grantVersionOf = (d: DomainFacts): 1 | 2 => (d.grants?.version === 2 ? 2 : 1);

/** Pages of status words that so many pages of v2 entries have. */
export const statusFrames = (frames: number): number =>
  Math.ceil((frames * GRANT_V2_PER_PAGE) / GRANT_STATUS_PER_PAGE);

/**
 * Uses in the order in which Xen makes the pages. A dying domain loses them
 * from the front of the list; grant frames of which some are gone are nobody's.
 */
export const xenPagesOf = (w: Workbench, d: DomainFacts, pages: DomainPages): XenPages => {
  const version = grantVersionOf(d);
  const frames = d.grants?.frames ?? (d.dying === 'alive' ? 1 : 0);
  const status = version === 2 ? statusFrames(frames) : 0;
  const { xenheap } = pages;
  const gone = d.dying === 'alive' ? 0 : Math.max(0, 1 + frames + status - xenheap.length);
  const left = xenheap.slice(Math.max(0, 1 - gone));
  const complete = gone <= 1;
  const grantFrames = complete ? left.slice(0, frames) : [];
  const statusList = complete ? left.slice(frames, frames + status) : [];
  const sharedInfo = gone === 0 ? (xenheap[0] ?? null) : null;
  const used = (sharedInfo === null ? 0 : 1) + grantFrames.length + statusList.length;
  w.notes.assume('xen-pages-other', xenheap.length - used, d.domid);
  const put = (list: readonly Mfn[], content: () => PageContent): void => {
    for (const f of list) w.content[f] = content();
  };
  put(grantFrames, () =>
    version === 1 ? { kind: 'grant-v1', entries: {} } : { kind: 'grant-v2', entries: {} },
  );
  put(statusList, () => ({ kind: 'grant-status', words: {} }));
  return { sharedInfo, grantFrames, statusFrames: statusList };
};
