/**
 * What a restore pass works on: copies that it may change, made when first
 * needed, put back together at its end. A pass is pure from the outside.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { PageContent } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import { draftOf, type FrameTableDraft } from '../../host/frame-table.ts';
import type { ActiveGrant } from '../../host/grant-table.ts';
import type { PromotionContext, RefError } from '../../host/page-refs.ts';
import { isPageTable, type PageType, PGT } from '../../host/page-type.ts';
import { PFINFO, PFINFO_MASK, PFINFO_PINNED } from '../../stream/records/domain/pages.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash, Restoring } from '../boot.ts';

export class RestoreDraft {
  readonly design: Design;
  readonly #from: Restoring;
  #frames: FrameTableDraft | null = null;
  #content: Record<number, PageContent> | null = null;
  #m2p: Uint32Array | null = null;
  readonly #domains: Record<number, Domain>;
  readonly #active = new Map<number, Record<number, ActiveGrant>>();

  constructor(from: Restoring, design: Design) {
    this.#from = from;
    this.design = design;
    this.#domains = { ...from.xen.domains };
  }

  get restoring(): Restoring {
    return this.#from;
  }
  /** The id of this Xen: what its L4 slots are written from (F8.16). */
  get self(): number {
    return this.#from.xen.instance;
  }
  get frames(): FrameTableDraft {
    this.#frames ??= draftOf(this.#from.xen.frames);
    return this.#frames;
  }
  contentAt(frame: number): PageContent | undefined {
    return (this.#content ?? this.#from.hardware.content)[frame];
  }
  setContent(frame: number, content: PageContent): void {
    this.#content ??= { ...this.#from.hardware.content };
    this.#content[frame] = content;
  }
  setM2p(entries: Uint32Array): void {
    this.#m2p = entries;
  }
  domain(domid: number): Domain | undefined {
    return this.#domains[domid];
  }
  setDomain(domain: Domain): void {
    this.#domains[domain.domid] = domain;
  }
  /** The granter's active entries, to be changed in place: copied once for the whole pass. */
  activeGrants(domid: number): Record<number, ActiveGrant> {
    const known = this.#active.get(domid);
    if (known !== undefined) return known;
    const copy = { ...this.#domains[domid]?.grants.active };
    this.#active.set(domid, copy);
    this.update(domid, (d) => ({ grants: { ...d.grants, active: copy } }));
    return copy;
  }
  /** Changes the domain if it exists. */
  update(domid: number, change: (d: Domain) => Partial<Domain>): void {
    const d = this.#domains[domid];
    if (d !== undefined) this.#domains[domid] = { ...d, ...change(d) };
  }

  /**
   * For taking typed references of one domain. An L4 gets this Xen's slots
   * when it is promoted, before any cr3 holds it (F8.16).
   */
  promotion(s: DomainSections): PromotionContext {
    const levels = levelsOf(s, keeps(this.design, 'F8.6.levels'));
    return {
      frames: this.frames,
      hardware: this.#from.hardware,
      knownLevel: (frame) => levels.get(frame) ?? PGT.none,
      onL4: (frame) => {
        const c = this.contentAt(frame);
        if (c?.kind === 'pagetable' && keeps(this.design, 'F8.16.l4'))
          this.setContent(frame, { ...c, xenSlots: this.self });
      },
    };
  }

  done(): Restoring {
    const { hardware, xen } = this.#from;
    return {
      ...this.#from,
      hardware: {
        ...hardware,
        content: this.#content ?? hardware.content,
        m2p: this.#m2p === null ? hardware.m2p : { ...hardware.m2p, entries: this.#m2p },
      },
      xen: { ...xen, frames: this.#frames ?? xen.frames, domains: this.#domains },
    };
  }
}

/** Page-table levels that the PAGES record gives (F10.4), by frame: of all tables, or of pinned ones. */
const levelsOf = (s: DomainSections, ofAll: boolean): ReadonlyMap<number, PageType> => {
  const levels = new Map<number, PageType>();
  const { start, count, kind } = s.PAGES.runs;
  kind.forEach((bits, i) => {
    const level = bits & PFINFO_MASK & ~PFINFO_PINNED;
    if (!ofAll && (bits & PFINFO_PINNED) === 0) return;
    if (!isPageTable(level) || (bits & PFINFO_MASK) === PFINFO.BROKEN) return;
    const first = start[i] as number;
    for (let f = first; f < first + (count[i] as number); f++) levels.set(f, level as PageType);
  });
  return levels;
};

/** The records of one domain, or null. */
export const sectionsOf = (r: Restoring, domid: number): DomainSections | null =>
  r.stream?.domains[domid] ?? null;

/** A reference that could not be taken is an inconsistency of the stream or of memory (Q8). */
export const crashOf = (domid: number, e: RefError, ...sources: string[]): Crash => ({
  what: `d${domid}: ${e.what}`,
  sources,
});

/** Runs one topic after the other until one fails. */
export const inTurn = (
  draft: RestoreDraft,
  topics: readonly (() => Crash | null)[],
): E.Either<Crash, Restoring> => {
  for (const topic of topics) {
    const failed = topic();
    if (failed !== null) return E.left(failed);
  }
  return E.right(draft.done());
};
