/** HYPERVISOR_mmu_update of one entry, and set_gdt (F8.5, F8.6). */
import { PTE, pteIs } from '../../host/content.ts';
import { FLAG, hasFlag, ownerOf, typeOf } from '../../host/frame-table.ts';
import { mfn } from '../../host/ids.ts';
import { isPageTable, PGT } from '../../host/page-type.ts';
import { getPageAndType, takeEntry } from '../pages/gets.ts';
import { putEntry, putPageAndType } from '../pages/puts.ts';
import { type Body, refuse, type StepError } from '../step.ts';
import { type Transaction, withWord } from '../transaction.ts';
import { type Caller, caller, isCaller } from '../vcpus.ts';
import { finishOldGuestTable } from './old-guest-table.ts';

/** `entry` is packed as in `host/content.ts`; 0 is not present. */
export interface MmuUpdate {
  readonly type: 'mmu.update';
  readonly domid: number;
  readonly vcpu: number;
  readonly table: number;
  readonly slot: number;
  readonly entry: number;
}
/** The descriptor table of the vCPU: at most 14 frames. */
export interface SetGdt {
  readonly type: 'mmu.set_gdt';
  readonly domid: number;
  readonly vcpu: number;
  readonly frames: readonly number[];
}

/** FIRST_RESERVED_GDT_PAGE, public/arch-x86/xen.h. */
const MAX_GDT_FRAMES = 14;

/** A PV vCPU in an MM hypercall: an old table of its is put first (F8.9). */
export const mmCaller = (tx: Transaction, domid: number, vcpu: number): Caller | StepError => {
  const c = caller(tx, domid, vcpu);
  if (!isCaller(c)) return c;
  if (c.d.type !== 'pv') return 'not enabled';
  finishOldGuestTable(tx, c.v);
  return c;
};

/** New references first, then the old ones go: an entry may be written with itself. */
export const update: Body<MmuUpdate> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const level = typeOf(tx.frames, e.table);
  const table = tx.content(e.table, 'pagetable');
  const valid =
    isPageTable(level) &&
    hasFlag(tx.frames, e.table, FLAG.validated) &&
    ownerOf(tx.frames, e.table) === e.domid;
  if (!valid || table === null || e.slot < 0 || e.slot >= 512)
    return refuse('EINVAL', `${e.table}[${e.slot}] is no entry of d${e.domid}`);
  const before = table.entries[e.slot] ?? 0;
  // Only the grant operations make and unmake such entries.
  if (pteIs(e.entry, PTE.grant) || pteIs(before, PTE.grant)) return 'not enabled';
  const failed = takeEntry(tx, e.table, level, e.entry);
  if (failed !== null) return failed;
  table.entries = withWord(table.entries, e.slot, e.entry);
  putEntry(tx, e.table, level, before);
  return null;
};

export const setGdt: Body<SetGdt> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.frames.length > MAX_GDT_FRAMES) return refuse('EINVAL', `${e.frames.length} GDT frames`);
  for (const frame of e.frames) {
    const failed = getPageAndType(tx, frame, e.domid, PGT.seg_desc);
    if (failed !== null) return failed;
  }
  for (const frame of c.v.gdtFrames) putPageAndType(tx, frame);
  c.v.gdtFrames = e.frames.map(mfn);
  return null;
};
