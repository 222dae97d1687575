/** GNTTABOP_setup_table and set_version: the frames of a grant table (F7.1, F7.8, F7.9). */
import { numericEntries } from '../../host/codec.ts';
import {
  GNTTAB_NR_RESERVED_ENTRIES,
  GRANT_STATUS_PER_PAGE,
  GRANT_V2_PER_PAGE,
  GTF,
} from '../../host/constants.ts';
import { FLAG, generalCountOf } from '../../host/frame-table.ts';
import { allP2m, clearP2m } from '../memory/p2m.ts';
import { allocatePage } from '../pages/heap.ts';
import { putAllocated } from '../pages/puts.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { statusOf } from './maptrack.ts';
import { type SharedEntry, setStatusBits, sharedEntry, writeShared } from './shared.ts';

/** The table is to have at least this many frames of entries. */
export interface SetupTable {
  readonly type: 'grant.setup_table';
  readonly domid: number;
  readonly vcpu: number;
  readonly frames: number;
}
export interface SetVersion {
  readonly type: 'grant.set_version';
  readonly domid: number;
  readonly vcpu: number;
  readonly version: number;
}

/** Pages of status words that so many pages of v2 entries need. */
const statusPages = (frames: number): number =>
  Math.ceil((frames * GRANT_V2_PER_PAGE) / GRANT_STATUS_PER_PAGE);

const growStatus = (tx: Transaction, d: MutableDomain): Refused | null => {
  const { grants } = d;
  while (grants.version === 2 && grants.statusFrames.length < statusPages(grants.frames.length)) {
    const frame = allocatePage(tx, d, FLAG.xenheap);
    if (typeof frame !== 'number') return frame;
    tx.hardware.content[frame] = { kind: 'grant-status', words: {} };
    grants.statusFrames.push(frame);
  }
  return null;
};

/** gnttab_grow_table. */
export const growTable = (tx: Transaction, d: MutableDomain, frames: number): Refused | null => {
  const { grants } = d;
  if (frames > grants.maxFrames)
    return refuse('GNTST_general_error', `d${d.domid} may have ${grants.maxFrames} grant frames`);
  while (grants.frames.length < frames) {
    const frame = allocatePage(tx, d, FLAG.xenheap);
    if (typeof frame !== 'number') return refuse('GNTST_general_error', frame.what);
    const kind = grants.version === 1 ? 'grant-v1' : 'grant-v2';
    tx.hardware.content[frame] = { kind, entries: {} };
    grants.frames.push(frame);
  }
  const failed = growStatus(tx, d);
  return failed === null ? null : refuse('GNTST_general_error', failed.what);
};

export const setupTable: Body<SetupTable> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  return isCaller(c) ? growTable(tx, c.d, e.frames) : c;
};

/** Status frames go back, unless something maps them still (F7.9, XSA-379). */
const dropStatus = (tx: Transaction, d: MutableDomain): Refused | null => {
  for (const frame of d.grants.statusFrames) {
    if (generalCountOf(tx.frames, frame) > 1)
      return refuse('EBUSY', `status frame ${frame} is mapped`);
    for (const { gfn, frame: mapped } of allP2m(tx, d)) if (mapped === frame) clearP2m(tx, d, gfn);
    putAllocated(tx, frame);
  }
  d.grants.statusFrames = [];
  return null;
};

/** The reserved entries that survive a change of version; v1 has no room for all of v2 (F7.8). */
const reserved = (
  tx: Transaction,
  d: MutableDomain,
  version: number,
): readonly (SharedEntry | null)[] | Refused => {
  const kept: (SharedEntry | null)[] = [];
  for (let ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
    const entry = sharedEntry(tx, d, ref);
    const wide = entry?.subPage != null || entry?.transitive != null;
    if (version === 1 && wide) return refuse('ERANGE', `reserved entry ${ref} does not fit v1`);
    const plain = (entry?.flags ?? 0) & ~(GTF.reading | GTF.writing);
    kept.push(entry === null || plain === 0 ? null : { ...entry, flags: plain });
  }
  return kept;
};

export const setVersion: Body<SetVersion> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const { d } = c;
  const { grants } = d;
  const { version } = e;
  if (version !== 1 && version !== 2) return refuse('EINVAL', `no version ${version}`);
  if (version > d.config.maxGrantVersion || version > tx.xen.build.gnttabMaxVersion)
    return refuse('ENOSYS', `version ${version} is not for d${e.domid}`);
  if (version === grants.version) return null;
  const busy = numericEntries(grants.active).find(([ref]) => ref >= GNTTAB_NR_RESERVED_ENTRIES);
  if (busy !== undefined) return refuse('EBUSY', `grant ${busy[0]} is pinned`);
  const kept = reserved(tx, d, version);
  if ('errno' in kept) return kept;
  const failed = dropStatus(tx, d);
  if (failed !== null) return failed;
  grants.version = version;
  const kind = version === 1 ? 'grant-v1' : 'grant-v2';
  for (const frame of grants.frames) tx.hardware.content[frame] = { kind, entries: {} };
  const grown = growStatus(tx, d);
  if (grown !== null) return refuse('ENOMEM', grown.what);
  kept.forEach((entry, ref) => {
    writeShared(tx, d, ref, entry);
    const active = grants.active[ref];
    if (active === undefined) return;
    // Version 1 has the bits in the entry, which an offer taken back in use keeps for them.
    if (entry === null && version === 1)
      writeShared(tx, d, ref, { flags: GTF.reading, domid: active.domid, frame: 0 });
    setStatusBits(tx, d, ref, statusOf(active.pins));
  });
  return null;
};
