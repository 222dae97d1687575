/** PV page tables under construction (F8.5, F8.6, F8.7, F8.9). */
import { PTE, pte } from '../content.ts';
import { FLAG, setFlag, setType } from '../frame-table.ts';
import type { Mfn } from '../ids.ts';
import { type PageType, PGT } from '../page-type.ts';
import { BuildError, type DomainDraft, type HostDraft, vcpuAt } from './draft.ts';
import { contentAt, makeTable, takePage } from './memory.ts';

export type Level = 1 | 2 | 3 | 4;
const ENTRIES = 512;

/** A page of the domain becomes a validated table of `level` with these entries. */
export const addTable = (
  draft: HostDraft,
  d: DomainDraft,
  level: Level,
  entries: readonly number[],
): Mfn => {
  const frame = takePage(d);
  makeTable(draft, frame, level);
  draft.hardware.content[frame] = {
    kind: 'pagetable',
    entries: Uint32Array.from(entries),
    xenSlots: level === 4 ? draft.xen.instance : null,
  };
  d.tables[level].push(frame);
  return frame;
};

/** Appends an entry and says in which slot it is. */
export const appendEntry = (draft: HostDraft, table: number, entry: number): number => {
  const content = contentAt(draft, table, 'pagetable');
  const slot = content.entries.length;
  if (slot >= ENTRIES) throw new BuildError(`page table ${table} is full`);
  const longer = new Uint32Array(slot + 1);
  longer.set(content.entries);
  longer[slot] = entry;
  draft.hardware.content[table] = { ...content, entries: longer };
  return slot;
};

const childEntry = (frame: number): number => pte(frame, PTE.present | PTE.rw);

/** One L4, L3, L2 and as many L1 as it takes to map all pages of the domain. */
export const createPageTables = (draft: HostDraft, d: DomainDraft): void => {
  const leaves = Math.ceil(d.pages.length / ENTRIES);
  if (d.pages.length < leaves + 3) throw new BuildError('too few pages for page tables');
  const l1: Mfn[] = [];
  for (let i = 0; i < leaves; i++) {
    const mapped = d.pages.slice(i * ENTRIES, (i + 1) * ENTRIES);
    l1.push(addTable(draft, d, 1, mapped.map(childEntry)));
  }
  const l2 = addTable(draft, d, 2, l1.map(childEntry));
  const l3 = addTable(draft, d, 3, [childEntry(l2)]);
  const l4 = addTable(draft, d, 4, [childEntry(l3)]);
  pin(draft, l4);
  for (const v of d.domain.vcpus) v.guestTable = l4;
};

/** Sets PGT_pinned on a table (F8.5). */
export const pin = (draft: HostDraft, table: number): void => {
  setFlag(draft.frames, table, FLAG.pinned);
};

/**
 * Maps a frame in an L1 of the domain and says where. `grant` marks an entry
 * whose references are a maptrack entry's (F7.10).
 */
export const mapFrame = (
  draft: HostDraft,
  d: DomainDraft,
  frame: number,
  how: { readonly rw: boolean; readonly grant?: boolean },
): { readonly table: Mfn; readonly slot: number } => {
  let table = d.tables[1].at(-1);
  const l2 = d.tables[2][0];
  if (table === undefined || l2 === undefined)
    throw new BuildError(`d${d.domain.domid} has no page tables`);
  if (contentAt(draft, table, 'pagetable').entries.length >= ENTRIES) {
    table = addTable(draft, d, 1, []);
    appendEntry(draft, l2, childEntry(table));
  }
  const flags = PTE.present | (how.rw ? PTE.rw : 0) | (how.grant ? PTE.grant : 0);
  return { table, slot: appendEntry(draft, table, pte(frame, flags)) };
};

/** One more pinned table, whose only entry is the first table of the level below. */
export const addPinnedTable = (draft: HostDraft, d: DomainDraft, level: Level): Mfn => {
  const below = level === 1 ? d.pages[0] : d.tables[(level - 1) as Level][0];
  if (below === undefined) throw new BuildError(`d${d.domain.domid} has no page tables`);
  const flags = level === 1 ? PTE.present : PTE.present | PTE.rw;
  const table = addTable(draft, d, level, [pte(below, flags)]);
  pin(draft, table);
  return table;
};

/** A linear entry of a validated table to one of its own level, maybe itself (F8.6). */
export const addLinearEntry = (draft: HostDraft, table: number, target: number): void => {
  appendEntry(draft, table, pte(target, PTE.present));
};

/**
 * A table whose promotion or demotion was interrupted (F8.7): entries below
 * `validated` are referenced. With `partialEntry` the entry at `validated` is
 * a partial table of the level below. Nobody but the flag holds it.
 */
export const addPartialTable = (
  draft: HostDraft,
  d: DomainDraft,
  options: {
    readonly level: 2 | 3 | 4;
    readonly children: readonly number[];
    readonly validated: number;
    readonly partialEntry?: number;
  },
): Mfn => {
  const { level, children, validated, partialEntry } = options;
  const entries = children.map(childEntry);
  if (partialEntry !== undefined) entries.splice(validated, 0, childEntry(partialEntry));
  const frame = takePage(d);
  setType(draft.frames, frame, level satisfies PageType);
  setFlag(draft.frames, frame, FLAG.partial);
  draft.hardware.content[frame] = {
    kind: 'pagetable',
    entries: Uint32Array.from(entries),
    xenSlots: null,
  };
  draft.frames.partial[frame] = {
    nrValidatedPtes: validated,
    partialSet: partialEntry !== undefined,
  };
  return frame;
};

/** The deferred put of a table by a vCPU (F8.9). */
export const setOldGuestTable = (
  draft: HostDraft,
  d: DomainDraft,
  vcpu: number,
  frame: Mfn,
): void => {
  const v = vcpuAt(d, vcpu);
  const partial = ((draft.frames.flags[frame] as number) & FLAG.partial) !== 0;
  v.oldGuestTable = { frame, partial };
};

/** A descriptor table of a vCPU: one page of type seg_desc. */
export const addGdtFrame = (draft: HostDraft, d: DomainDraft, vcpu: number): Mfn => {
  const v = vcpuAt(d, vcpu);
  const frame = takePage(d);
  makeTable(draft, frame, PGT.seg_desc);
  v.gdtFrames.push(frame);
  return frame;
};
