/**
 * Pass 2: page types of a PV domain, made anew by xen#2's own promotion of
 * the pinned tables, smallest level first (rule 9); cr3s follow with the
 * vCPUs. What nothing pins, loads or references has no type, as in any Xen.
 */
import { keeps } from '../../design/design.ts';
import { PTE, pte, pteFrame } from '../../host/content.ts';
import { FLAG, setFlag, typeOf } from '../../host/frame-table.ts';
import { getPageAndType } from '../../host/page-refs.ts';
import { isPageTable, type PageType, PGT } from '../../host/page-type.ts';
import { PFINFO_MASK, PFINFO_PINNED } from '../../stream/records/domain/pages.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

/** Pinned tables of the PAGES record, by level, then by frame. */
const pinnedTables = (s: DomainSections): { frame: number; level: PageType }[] => {
  const { start, count, kind } = s.PAGES.runs;
  const found: { frame: number; level: PageType }[] = [];
  for (let i = 0; i < start.length; i++) {
    const type = (kind[i] as number) & PFINFO_MASK;
    if ((type & PFINFO_PINNED) === 0 || type > (PFINFO_PINNED | PGT.l4)) continue;
    const first = start[i] as number;
    for (let f = first; f < first + (count[i] as number); f++)
      found.push({ frame: f, level: (type & ~PFINFO_PINNED) as PageType });
  }
  return found.sort((a, b) => a.level - b.level || a.frame - b.frame);
};

/** Pins and with them validates everything below (F8.5). */
export const restorePageTypes = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const promotion = draft.promotion(s);
  for (const { frame, level } of pinnedTables(s)) {
    if (!keeps(draft.design, 'F8.5.pin')) continue;
    const failed = getPageAndType(promotion, frame, level);
    if (failed !== null) return crashOf(s.DOMAIN.domid, failed, 'F8.5', 'section 11 rule 9');
    setFlag(draft.frames, frame, FLAG.pinned);
  }
  return null;
};

/** Entries that map page tables become writable: what F8.3 forbids, for a design without it. */
export const loosenEntries = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  if (keeps(draft.design, 'F8.3.writable')) return null;
  const { frames } = draft;
  const { start, count } = s.PAGES.runs;
  for (let i = 0; i < start.length; i++)
    for (let f = start[i] as number; f < (start[i] as number) + (count[i] as number); f++) {
      const c = draft.contentAt(f);
      if (c?.kind !== 'pagetable' || typeOf(frames, f) !== PGT.l1) continue;
      const entries = c.entries.map((e) =>
        (e & PTE.present) !== 0 && isPageTable(typeOf(frames, pteFrame(e)))
          ? pte(pteFrame(e), PTE.present | PTE.rw)
          : e,
      );
      draft.setContent(f, { ...c, entries });
    }
  return null;
};

/**
 * The counts that xen#1 had, over those that xen#2 made: only a design that
 * drops R20 has the record (S20, S21).
 */
export const copyCounts = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const runs = s.PAGE_COUNTS?.runs;
  if (runs === undefined) return null;
  const { frames } = draft;
  for (let i = 0; i < runs.start.length; i++) {
    const first = runs.start[i] as number;
    const end = first + (runs.count[i] as number);
    frames.generalCount.fill(runs.general[i] as number, first, end);
    frames.typeCount.fill(runs.typeCount[i] as number, first, end);
  }
  return null;
};
