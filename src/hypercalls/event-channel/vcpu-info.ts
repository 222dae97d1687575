/** A vCPU's vcpu_info: in shared_info, or where the guest registered it (F6.5). */
import { XEN_LEGACY_MAX_VCPUS } from '../../host/constants.ts';
import type { VcpuInfo } from '../../host/content.ts';
import type { Mutable, MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { unblock } from '../vcpus.ts';

/** Null: beyond the legacy vCPUs and nowhere registered, or the memory is not there. */
export const vcpuInfoOf = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
): Mutable<VcpuInfo> | null => {
  if (v.vcpuInfo !== null)
    return tx.content(v.vcpuInfo.frame, 'vcpu_info')?.infos[v.vcpuInfo.offset] ?? null;
  if (v.id >= XEN_LEGACY_MAX_VCPUS) return null;
  return tx.content(d.sharedInfo, 'shared_info')?.vcpus[v.id] ?? null;
};

/**
 * vcpu_mark_events_pending: raises the upcall and wakes the vCPU, unless the
 * upcall is up already. The kick comes whether or not the guest masks upcalls.
 */
export const markEventsPending = (tx: Transaction, d: MutableDomain, v: MutableVcpu): void => {
  const info = vcpuInfoOf(tx, d, v);
  if (info === null || info.upcallPending) return;
  info.upcallPending = true;
  unblock(v);
};
