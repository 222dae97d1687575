/** Shared entries and status words of a grant table: guest memory that Xen reads and marks (F7.1, F7.2). */
import {
  GRANT_STATUS_PER_PAGE,
  GRANT_V1_PER_PAGE,
  GRANT_V2_PER_PAGE,
  GTF,
} from '../../host/constants.ts';
import type { GrantEntryV1, GrantEntryV2 } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import type { Mutable, MutableDomain, Reader, Transaction } from '../transaction.ts';

/** Bits that Xen sets while a grant is in use. */
export const IN_USE = GTF.reading | GTF.writing;
/** Bits of an entry that accepts a transfer: the page is on its way, the page is there. */
export const TRANSFER = { committed: 4, completed: 8 } as const;

/** A shared entry of either version, as one shape. */
export type SharedEntry = GrantEntryV1 & Partial<Pick<GrantEntryV2, 'subPage' | 'transitive'>>;

type Entries = Record<number, Mutable<SharedEntry>>;

/** The page of entries that holds a reference, or null: the table is not that long. */
const pageOf = (tx: Reader, d: Domain, ref: number): Entries | null => {
  const { grants } = d;
  const perPage = grants.version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE;
  const frame = grants.frames[Math.floor(ref / perPage)] ?? null;
  const page = tx.content(frame, grants.version === 1 ? 'grant-v1' : 'grant-v2');
  return (page?.entries as Entries | undefined) ?? null;
};

const slotOf = (d: Domain, ref: number): number =>
  ref % (d.grants.version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE);

/** Does the table have this reference at all? */
export const hasRef = (tx: Reader, d: Domain, ref: number): boolean =>
  ref >= 0 && pageOf(tx, d, ref) !== null;

/** The shared entry of a reference, to read and write; null: empty, or beyond the table. */
export const sharedEntry = (tx: Reader, d: Domain, ref: number): Mutable<SharedEntry> | null =>
  pageOf(tx, d, ref)?.[slotOf(d, ref)] ?? null;

/** Writes or empties a shared entry, in the shape of the table's version. */
export const writeShared = (
  tx: Transaction,
  d: MutableDomain,
  ref: number,
  entry: SharedEntry | null,
): void => {
  const page = pageOf(tx, d, ref);
  if (page === null) return;
  if (entry === null) {
    delete page[slotOf(d, ref)];
    return;
  }
  const { flags, domid, frame } = entry;
  page[slotOf(d, ref)] =
    d.grants.version === 1
      ? { flags, domid, frame }
      : {
          flags,
          domid,
          frame,
          subPage: entry.subPage == null ? null : { ...entry.subPage },
          transitive: entry.transitive == null ? null : { ...entry.transitive },
        };
};

const statusPage = (tx: Reader, d: Domain, ref: number): Mutable<Record<number, number>> | null =>
  tx.content(d.grants.statusFrames[Math.floor(ref / GRANT_STATUS_PER_PAGE)] ?? null, 'grant-status')
    ?.words ?? null;

/** The reading and writing bits of a reference: in the entry (v1), in the status word (v2). */
export const statusBits = (tx: Reader, d: Domain, ref: number): number =>
  (d.grants.version === 1
    ? (sharedEntry(tx, d, ref)?.flags ?? 0)
    : (statusPage(tx, d, ref)?.[ref % GRANT_STATUS_PER_PAGE] ?? 0)) & IN_USE;

export const setStatusBits = (
  tx: Transaction,
  d: MutableDomain,
  ref: number,
  bits: number,
): void => {
  if (d.grants.version === 1) {
    const entry = sharedEntry(tx, d, ref);
    if (entry === null) return;
    entry.flags = (entry.flags & ~IN_USE) | bits;
    // An offer that was taken back while in use (F7.3): nothing is left of it.
    if (entry.flags === 0) writeShared(tx, d, ref, null);
    return;
  }
  const words = statusPage(tx, d, ref);
  if (words !== null) words[ref % GRANT_STATUS_PER_PAGE] = bits;
};
