/** What memory a domain has: P2M, PAGES, XENHEAP, and without R20 PAGE_COUNTS. */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { Domain } from '../../host/domain.ts';
import {
  FLAG,
  type FrameTable,
  generalCountOf,
  hasFlag,
  typeCountOf,
  typeOf,
} from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { type BodyOf, type LuRecord, record } from '../../stream/records/registry.ts';
import type { SaveError } from './errors.ts';
import type { OwnedPages, Run } from './page-index.ts';

/** Entries and counts that follow from them are memory and stay where they are (R43, R20). */
export const p2mRecord = (d: Domain): LuRecord[] =>
  d.p2m === null
    ? []
    : [
        record('P2M', {
          root: d.p2m.root,
          tables: Uint32Array.from(d.p2m.tableFrames),
          sharedWithIommu: d.p2m.sharedWithIommu,
          logDirty: d.p2m.logDirty,
        }),
      ];

export const pagesRecord = ({ runs }: OwnedPages): LuRecord =>
  record('PAGES', {
    runs: {
      start: Uint32Array.from(runs, (r) => r.start),
      count: Uint32Array.from(runs, (r) => r.count),
      kind: Uint8Array.from(runs, (r) => r.kind),
    },
  });

type XenheapPage = BodyOf<'XENHEAP'>['pages'][number];
type Role = Pick<XenheapPage, 'role' | 'index'>;

/** What the domain's own structures use its xenheap pages for. */
const rolesOf = (d: Domain): readonly (readonly [Mfn, Role])[] => [
  ...(d.sharedInfo === null ? [] : [[d.sharedInfo, { role: 'shared_info', index: 0 }] as const]),
  ...d.grants.frames.map((f, index) => [f, { role: 'grant', index }] as const),
  ...d.grants.statusFrames.map((f, index) => [f, { role: 'status', index }] as const),
];

/**
 * Xen's pages that the domain shares. A role whose frame is not such a page,
 * or has another role already, would be lost in the stream: then the host
 * contradicts itself and the save fails, while failing is still harmless (R44).
 */
export const xenheapRecord = (
  table: FrameTable,
  d: Domain,
  { xenheap }: OwnedPages,
): E.Either<SaveError, LuRecord> => {
  const owned = new Set(xenheap);
  const roles = new Map<Mfn, Role>();
  for (const [frame, role] of rolesOf(d)) {
    if (!owned.has(frame) || roles.has(frame)) {
      const what = `${role.role} frame ${role.index}, 0x${frame.toString(16)}: not a xenheap page of its own`;
      return E.left({ domid: d.domid, what, sources: ['F7.9', 'F8.12', 'R44'] });
    }
    roles.set(frame, role);
  }
  const pages = xenheap.map((f): XenheapPage => {
    const frame = mfn(f);
    return {
      frame,
      ...(roles.get(frame) ?? { role: 'other', index: 0 }),
      writable: typeOf(table, f) === PGT.writable,
      released: !hasFlag(table, f, FLAG.allocated),
    };
  });
  return E.right(record('XENHEAP', { pages }));
};

interface CountRun {
  readonly start: number;
  count: number;
  readonly general: number;
  readonly typeCount: number;
  readonly type: number;
}

const countRuns = (table: FrameTable, runs: readonly Run[]): CountRun[] => {
  const out: CountRun[] = [];
  for (const r of runs)
    for (let f = r.start; f < r.start + r.count; f++) {
      const last = out[out.length - 1];
      const general = generalCountOf(table, f);
      const typeCount = typeCountOf(table, f);
      const type = typeOf(table, f);
      const same =
        last !== undefined &&
        last.start + last.count === f &&
        last.general === general &&
        last.typeCount === typeCount &&
        last.type === type;
      if (same) last.count++;
      else out.push({ start: f, count: 1, general, typeCount, type });
    }
  return out;
};

/** xen#1's counts as they are, only for a design that copies them (S20, S21). */
export const pageCountsRecord = (
  table: FrameTable,
  { runs, xenheap }: OwnedPages,
  design: Design,
): LuRecord[] => {
  if (keeps(design, 'R20') && design.policies.Q6 !== 'copy') return [];
  const shared = xenheap.map((start) => ({ start, count: 1, kind: 0 }));
  const counts = countRuns(
    table,
    [...runs, ...shared].sort((a, b) => a.start - b.start),
  );
  return [
    record('PAGE_COUNTS', {
      runs: {
        start: Uint32Array.from(counts, (r) => r.start),
        count: Uint32Array.from(counts, (r) => r.count),
        general: Uint32Array.from(counts, (r) => r.general),
        typeCount: Uint32Array.from(counts, (r) => r.typeCount),
        type: Uint8Array.from(counts, (r) => r.type),
      },
    }),
  ];
};
