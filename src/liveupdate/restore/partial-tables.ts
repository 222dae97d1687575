/**
 * Pass 2, only where the design carries what an interrupted validation left
 * (Q6): tables with their validated entries, and what a vCPU still has to
 * put. References are taken by the rules of this Xen (F8.7, F8.8), not copied.
 */
import { versionOf } from '../../design/versions.ts';
import { FLAG } from '../../host/frame-table.ts';
import { getPage, getPageType, getPartialTable } from '../../host/page-refs.ts';
import { type PageType, PGT } from '../../host/page-type.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

export const restorePartialTables = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const saved = s.PARTIAL_TABLES;
  if (saved === undefined) return null;
  const id = s.DOMAIN.domid;
  const { frames } = draft;
  const promotion = draft.promotion(s);
  const flagHolds =
    versionOf(draft.restoring.xen.build.version)?.countRules.partialHoldsGeneralRef ?? true;
  for (const t of saved.tables) {
    const failed = getPartialTable(promotion, t.frame, t.level as PageType, {
      nrValidatedPtes: t.validated,
      partialSet: t.partialSet,
      flagHolds,
    });
    if (failed !== null) return crashOf(id, failed, 'Q6', 'F8.7');
  }
  for (const old of saved.old) {
    const type = (frames.flags[old.frame] ?? PGT.none) & FLAG.typeMask;
    const failed =
      getPage(frames, old.frame) ??
      (old.partial ? null : getPageType(promotion, old.frame, type as PageType));
    if (failed !== null) return crashOf(id, failed, 'Q6', 'F8.9');
    draft.update(id, (d) => ({
      vcpus: d.vcpus.map((v) =>
        v.id === old.vcpu ? { ...v, oldGuestTable: { frame: old.frame, partial: old.partial } } : v,
      ),
    }));
  }
  return null;
};
