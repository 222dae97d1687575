/** Page types of a PV-aware frame table (F8.3). Values as in the source since 4.11. */
import * as t from 'io-ts';

export const PGT = {
  none: 0,
  l1: 1,
  l2: 2,
  l3: 3,
  l4: 4,
  seg_desc: 5,
  shared: 6,
  writable: 7,
} as const;
export type PageType = (typeof PGT)[keyof typeof PGT];

export const PageTypeName = t.keyof({
  none: null,
  l1: null,
  l2: null,
  l3: null,
  l4: null,
  seg_desc: null,
  shared: null,
  writable: null,
});
export type PageTypeName = t.TypeOf<typeof PageTypeName>;

const names: readonly PageTypeName[] = [
  'none',
  'l1',
  'l2',
  'l3',
  'l4',
  'seg_desc',
  'shared',
  'writable',
];
export const pageTypeName = (type: number): PageTypeName => names[type & 7] as PageTypeName;

/** L1..L4: the types that make a page a page table. */
export const isPageTable = (type: number): boolean => type >= PGT.l1 && type <= PGT.l4;
/** Taking such a type from a count of 0 validates the page's contents (F8.3). */
export const needsValidation = (type: number): boolean =>
  isPageTable(type) || type === PGT.seg_desc;
