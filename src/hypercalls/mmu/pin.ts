/** MMUEXT_PIN_L1..L4_TABLE and UNPIN_TABLE, preemptible (F3.5, F8.5, F8.7, F8.9). */
import { HYPERVISOR } from '../../host/constants.ts';
import {
  FLAG,
  generalCountOf,
  hasFlag,
  ownerOf,
  setFlag,
  setType,
  typeCountOf,
  typeOf,
} from '../../host/frame-table.ts';
import { mfn } from '../../host/ids.ts';
import { isPageTable, type PageType, PGT } from '../../host/page-type.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { errorWord } from '../errno.ts';
import { getPage, getPageAndType, takeEntry } from '../pages/gets.ts';
import { isCounted, putEntry, putPartial, unpin } from '../pages/puts.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableVcpu, Transaction } from '../transaction.ts';
import { continueLater, finishHypercall, isCaller } from '../vcpus.ts';
import { MMU_UPDATE_PREEMPTED } from './old-guest-table.ts';
import { mmCaller } from './update.ts';

/** `entries`: preempted after so many entries of the table are validated; null: not preempted. */
export interface Pin {
  readonly type: 'mmuext.pin';
  readonly domid: number;
  readonly vcpu: number;
  readonly level: 1 | 2 | 3 | 4;
  readonly frame: number;
  readonly entries: number | null;
}
/** `entries`: preempted with so many entries of the table still validated; null: not preempted. */
export interface Unpin {
  readonly type: 'mmuext.unpin';
  readonly domid: number;
  readonly vcpu: number;
  readonly frame: number;
  readonly entries: number | null;
}
/** The vCPU re-enters the pin that was preempted. */
export interface PinContinue {
  readonly type: 'mmuext.pin-continue';
  readonly domid: number;
  readonly vcpu: number;
}

const pinTable = (
  tx: Transaction,
  domid: number,
  frame: number,
  level: PageType,
): Refused | null => {
  if (hasFlag(tx.frames, frame, FLAG.pinned)) return refuse('EINVAL', `${frame} is pinned`);
  const failed = getPageAndType(tx, frame, domid, level);
  if (failed !== null) return failed;
  setFlag(tx.framesToWrite, frame, FLAG.pinned);
  return null;
};

/**
 * Validation stops after `entries` entries: the page is partial. The flag owns
 * one type count, and since XSA-299 a general reference (F8.7, F8.8).
 */
const validatePart = (
  tx: Transaction,
  frame: number,
  level: PageType,
  entries: number,
): Refused | null => {
  const t = tx.framesToWrite;
  const table = tx.content(frame, 'pagetable');
  if (table === null) return refuse('EINVAL', `frame ${frame} holds no page table`);
  setType(t, frame, level);
  t.typeCount[frame] = 1;
  for (let slot = 0; slot < entries; slot++) {
    const failed = takeEntry(tx, frame, level, table.entries[slot] ?? 0);
    if (failed !== null) return failed;
  }
  setFlag(t, frame, FLAG.partial);
  t.partial[frame] = { nrValidatedPtes: entries, partialSet: false };
  return tx.ctx.version.countRules.partialHoldsGeneralRef ? getPage(tx, frame) : null;
};

/** L1 tables are validated without a break. */
const canBePartial = (tx: Transaction, domid: number, frame: number, level: number): boolean =>
  level > PGT.l1 &&
  isCounted(tx, frame) &&
  ownerOf(tx.frames, frame) === domid &&
  generalCountOf(tx.frames, frame) > 0 &&
  typeCountOf(tx.frames, frame) === 0;

/**
 * A preempted pin leaves the partial page and registers behind. The array of
 * operations is guest memory; in the model rdi names the page of its first
 * entry, and rdx the level.
 */
export const pin: Body<Pin> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.entries === null || !canBePartial(tx, e.domid, e.frame, e.level))
    return pinTable(tx, e.domid, e.frame, e.level);
  const length = tx.content(e.frame, 'pagetable')?.entries.length ?? 0;
  const failed = validatePart(tx, e.frame, e.level, Math.max(0, Math.min(e.entries, length)));
  if (failed !== null) return failed;
  continueLater(c.v, HYPERVISOR.mmuext_op, e.frame, MMU_UPDATE_PREEMPTED + 1);
  c.v.registers.rdx = e.level;
  return null;
};

/** Is the vCPU preempted in a pin? */
export const isPinning = (v: Pick<Vcpu, 'registers'>): boolean =>
  v.registers.atHypercall &&
  v.registers.rax === HYPERVISOR.mmuext_op &&
  v.registers.rsi === MMU_UPDATE_PREEMPTED + 1;

/**
 * Carries a preempted pin to its end. If a later entry turns out invalid, what
 * was validated before is undone, and the call returns the error.
 */
export const finishPin = (tx: Transaction, domid: number, v: MutableVcpu): void => {
  const { rdi, rdx } = v.registers;
  const failed = isPageTable(rdx)
    ? tx.attempt(() => pinTable(tx, domid, rdi, rdx as PageType))
    : refuse('EINVAL', `no level ${rdx}`);
  if (failed !== null) putPartial(tx, rdi);
  finishHypercall(v, failed === null ? 0 : errorWord(failed.errno));
};

export const pinContinue: Body<PinContinue> = (tx, e) => {
  const v = tx.domain(e.domid)?.vcpus[e.vcpu];
  if (v === undefined || !isPinning(v)) return 'not enabled';
  finishPin(tx, e.domid, v);
  return null;
};

/** Devalidation stops half way: entries [0, entries) are left, and the vCPU has an old table. */
const unpinPart = (tx: Transaction, v: MutableVcpu, frame: number, entries: number): void => {
  const t = tx.framesToWrite;
  const level = typeOf(t, frame);
  const table = tx.content(frame, 'pagetable');
  const length = table?.entries.length ?? 0;
  setFlag(t, frame, FLAG.pinned | FLAG.validated, false);
  for (let slot = length - 1; slot >= entries; slot--)
    putEntry(tx, frame, level, table?.entries[slot] ?? 0);
  setFlag(t, frame, FLAG.partial);
  t.partial[frame] = { nrValidatedPtes: entries, partialSet: false };
  // The pin's type count is the flag's now, its general reference the old table's.
  if (tx.ctx.version.countRules.partialHoldsGeneralRef)
    t.generalCount[frame] = generalCountOf(t, frame) + 1;
  v.oldGuestTable = { frame: mfn(frame), partial: true };
  continueLater(v, HYPERVISOR.mmuext_op, 0, MMU_UPDATE_PREEMPTED);
  Object.assign(v.registers, { rdx: 0, r10: 0 });
};

export const unpinTable: Body<Unpin> = (tx, e) => {
  const c = mmCaller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (ownerOf(tx.frames, e.frame) !== e.domid || !hasFlag(tx.frames, e.frame, FLAG.pinned))
    return refuse('EINVAL', `frame ${e.frame} is not pinned by d${e.domid}`);
  const length = tx.content(e.frame, 'pagetable')?.entries.length ?? 0;
  const last = typeCountOf(tx.frames, e.frame) === 1 && typeOf(tx.frames, e.frame) > PGT.l1;
  if (e.entries === null || !last) unpin(tx, e.frame);
  else unpinPart(tx, c.v, e.frame, Math.max(0, Math.min(e.entries, length)));
  return null;
};
