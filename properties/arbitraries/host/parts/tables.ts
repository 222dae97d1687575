/** Page tables of PV domains: pins, linear and partial tables, descriptor tables (F8.5 to F8.9). */
import { vcpuAt } from '../../../../src/host/build/draft.ts';
import { takePage } from '../../../../src/host/build/memory.ts';
import {
  addGdtFrame,
  addLinearEntry,
  addPartialTable,
  addPinnedTable,
  addTable,
  appendEntry,
  type Level,
  pin,
  setOldGuestTable,
} from '../../../../src/host/build/page-tables.ts';
import { numericKeys } from '../../../../src/host/codec.ts';
import { PTE, pte } from '../../../../src/host/content.ts';
import { FLAG, hasFlag, ownerOf, typeCountOf, typeOf } from '../../../../src/host/frame-table.ts';
import type { Mfn } from '../../../../src/host/ids.ts';
import { PGT } from '../../../../src/host/page-type.ts';
import { type PartKind, pick, pvOnly, room, type Site } from './kind.ts';

const LEVELS: readonly Level[] = [4, 3, 2, 1];
const isPv = ({ at }: Site): boolean => at.domain.type === 'pv';
const entry = (frame: number): number => pte(frame, PTE.present | PTE.rw);

const pinned = (site: Site): void => {
  const { draft, at, n } = site;
  if (isPv(site) && room(at) > 0) addPinnedTable(draft, at, pick(LEVELS, n[0]));
};

/** A second address space, over tables of its own, loaded as a user's or pinned, or both. */
const space = (site: Site): void => {
  const { draft, at, n } = site;
  if (!isPv(site) || room(at) < 4) return;
  const pages = at.pages.slice(n[0] % 8, (n[0] % 8) + 1 + (n[1] % 12));
  const l1 = addTable(draft, at, 1, pages.map(entry));
  const l2 = addTable(draft, at, 2, [0, entry(l1)]);
  const l3 = addTable(draft, at, 3, [entry(l2)]);
  const l4 = addTable(draft, at, 4, [entry(l3), 0, entry(at.tables[3][0] as Mfn)]);
  const v = vcpuAt(at, n[2] % at.domain.vcpus.length);
  if (n[2] % 3 !== 0 && v.initialised) v.guestTableUser = l4;
  if (n[2] % 3 !== 1) pin(draft, l4);
};

/** Two tables of a level beside one another, both in use by one above: gives the second. */
const besides = (site: Site, level: 2 | 3): Mfn => {
  const { draft, at } = site;
  const below = entry(at.tables[(level - 1) as Level][0] as Mfn);
  const above = at.tables[(level + 1) as Level][0] as Mfn;
  const [first, second] = [
    addTable(draft, at, level, [below]),
    addTable(draft, at, level, [below]),
  ];
  for (const table of [first, second]) appendEntry(draft, above, entry(table));
  return second;
};

/** Linear entries: to another table of the level, and to the table itself (F8.6). */
const linear = (site: Site): void => {
  const { draft, at, n } = site;
  if (!isPv(site) || room(at) < 1) return;
  const level = pick([2, 3, 4] as const, n[0]);
  const beside = level < 4 && n[2] % 2 === 1 && room(at) > 2;
  const target = beside ? besides(site, level as 2 | 3) : (at.tables[level][0] as Mfn);
  const table = addPinnedTable(draft, at, level);
  addLinearEntry(draft, table, n[1] % 3 === 2 ? table : target);
  if (n[1] % 3 === 1) addLinearEntry(draft, table, table);
};

/** A table whose promotion was interrupted (F8.7), and maybe one whose put is deferred (F8.9). */
const partial = (site: Site): void => {
  const { draft, at, n } = site;
  if (!isPv(site) || room(at) < 2) return;
  const level = pick([2, 3, 4] as const, n[0]);
  const below = at.tables[(level - 1) as Level][0] as Mfn;
  const children = [below, below, below].slice(0, 1 + (n[1] % 3));
  const validated = n[1] % (children.length + 1);
  if (level > 2 && n[2] % 2 === 1) {
    const lower = at.tables[(level - 2) as Level][0] as Mfn;
    const inner = addPartialTable(draft, at, {
      level: (level - 1) as 2 | 3,
      children: [lower],
      validated: 1,
    });
    addPartialTable(draft, at, { level, children, validated, partialEntry: inner });
    return;
  }
  const table = addPartialTable(draft, at, { level, children, validated });
  const v = vcpuAt(at, n[2] % at.domain.vcpus.length);
  if (n[2] % 3 === 0 && v.oldGuestTable === null) setOldGuestTable(draft, at, v.id, table);
};

/** The deferred put of a whole table (F8.9). */
const oldTable = (site: Site): void => {
  const { draft, at, n } = site;
  const v = vcpuAt(at, n[0] % at.domain.vcpus.length);
  if (!isPv(site) || room(at) < 1 || v.oldGuestTable !== null) return;
  const level = pick([4, 3, 2] as const, n[1]);
  const table = addTable(draft, at, level, [entry(at.tables[(level - 1) as Level][0] as Mfn)]);
  setOldGuestTable(draft, at, v.id, table);
};

/** A page that holds what was a page table, or will be one: no type, no references. */
const unused = (site: Site): void => {
  const { draft, at, n } = site;
  if (!isPv(site) || room(at) < 1) return;
  const entries = Uint32Array.from([entry(at.pages[n[1] % at.pages.length] as number)]);
  draft.hardware.content[takePage(at)] = { kind: 'pagetable', entries, xenSlots: null };
};

const gdt = (site: Site): void => {
  const { draft, at, n } = site;
  const vcpu = n[0] % at.domain.vcpus.length;
  if (!isPv(site) || !vcpuAt(at, vcpu).initialised) return;
  for (let i = 0; i <= n[1] % 3 && room(at) > 0; i++) addGdtFrame(draft, at, vcpu);
};

/** An L2 that nobody uses yet, to be pinned; or one that is pinned, to be unpinned. */
const toPreempt = (site: Site): void => {
  const { draft, at, n } = site;
  const l1 = at.tables[1][0];
  if (!isPv(site) || room(at) < 1 || l1 === undefined) return;
  const entries = [entry(l1), entry(l1), entry(l1)];
  if (n[0] % 2 === 1) {
    pin(draft, addTable(draft, at, 2, entries));
    return;
  }
  const content = { kind: 'pagetable' as const, entries: Uint32Array.from(entries) };
  draft.hardware.content[takePage(at)] = { ...content, xenSlots: null };
};

/** A pin or unpin by hypercall, preempted after some entries (C4). */
const preempted: PartKind['live'] = function* ({ host, at, n }) {
  const d = host.xen.domains[at];
  if (d?.type !== 'pv') return;
  const { frames } = host.xen;
  const vcpu = n[1] % d.vcpus.length;
  const unpins = n[0] % 2 === 1;
  const frame = numericKeys(host.hardware.content).find(
    (f) =>
      ownerOf(frames, f) === at &&
      host.hardware.content[f]?.kind === 'pagetable' &&
      typeCountOf(frames, f) === (unpins ? 1 : 0) &&
      hasFlag(frames, f, FLAG.pinned) === unpins &&
      (!unpins || typeOf(frames, f) === PGT.l2),
  );
  if (frame === undefined) return;
  const entries = n[2] % 3;
  yield unpins
    ? { type: 'mmuext.unpin', domid: at, vcpu, frame, entries }
    : { type: 'mmuext.pin', domid: at, vcpu, level: 2, frame, entries };
};

export const tableParts: readonly PartKind[] = [
  {
    id: 'pinned',
    says: 'one more pinned table',
    sources: ['F8.5'],
    weight: 6,
    fits: pvOnly,
    build: pinned,
  },
  {
    id: 'space',
    says: 'an address space of its own',
    sources: ['F8.5', 'F8.16', 'S37'],
    weight: 6,
    fits: pvOnly,
    build: space,
  },
  {
    id: 'linear',
    says: 'a linear page table',
    sources: ['F8.6'],
    weight: 4,
    fits: pvOnly,
    build: linear,
  },
  {
    id: 'partial',
    says: 'a table validated in part',
    sources: ['F8.7', 'S20', 'S21'],
    weight: 5,
    fits: pvOnly,
    build: partial,
  },
  {
    id: 'old-table',
    says: 'a table that waits for its deferred put',
    sources: ['F8.9', 'Q6'],
    weight: 4,
    fits: pvOnly,
    build: oldTable,
  },
  {
    id: 'unused-table',
    says: 'a table that nobody uses',
    sources: ['F8.3'],
    weight: 2,
    fits: pvOnly,
    build: unused,
  },
  {
    id: 'gdt',
    says: 'descriptor tables of a vCPU',
    sources: ['F8.3'],
    weight: 4,
    fits: pvOnly,
    build: gdt,
  },
  {
    id: 'preempted-pin',
    says: 'a pin or unpin, preempted',
    sources: ['F3.5', 'F8.7', 'Q6'],
    weight: 3,
    fits: pvOnly,
    build: toPreempt,
    live: preempted,
  },
];
