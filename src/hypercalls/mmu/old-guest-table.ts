/** put_old_guest_table: the deferred put of a page table (F8.9). */

import { HYPERVISOR } from '../../host/constants.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { putPage, putPageType, putPartial } from '../pages/puts.ts';
import type { Body } from '../step.ts';
import type { MutableVcpu, Transaction } from '../transaction.ts';
import { finishHypercall } from '../vcpus.ts';

export interface PutOldTable {
  readonly type: 'mm.put-old-table';
  readonly domid: number;
  readonly vcpu: number;
}

/** MMU_UPDATE_PREEMPTED, in the count argument of a continued MM hypercall. */
export const MMU_UPDATE_PREEMPTED = 0x8000_0000;

/** Drops what the vCPU's old_guest_table holds; a partial one is cleaned up first. */
export const finishOldGuestTable = (tx: Transaction, v: MutableVcpu): void => {
  if (v.oldGuestTable === null) return;
  const { frame, partial } = v.oldGuestTable;
  v.oldGuestTable = null;
  if (partial) putPartial(tx, frame);
  else putPageType(tx, frame);
  putPage(tx, frame);
};

/** (NULL, MMU_UPDATE_PREEMPTED, NULL, rc): only the old table is left of the call (F3.5). */
export const onlyOldTableLeft = (v: Pick<Vcpu, 'registers'>): boolean =>
  v.registers.atHypercall &&
  (v.registers.rax === HYPERVISOR.mmu_update || v.registers.rax === HYPERVISOR.mmuext_op) &&
  v.registers.rdi === 0 &&
  v.registers.rsi === MMU_UPDATE_PREEMPTED;

/** Re-entry of the MM hypercall that left the table behind: with it done, the call returns rc. */
export const putOldTable: Body<PutOldTable> = (tx, e) => {
  const v = tx.domain(e.domid)?.vcpus[e.vcpu];
  if (v === undefined || v.oldGuestTable === null) return 'not enabled';
  finishOldGuestTable(tx, v);
  if (onlyOldTableLeft(v)) finishHypercall(v, v.registers.r10);
  return null;
};
