/** Work that Xen put off: tasklets (F3.12 to F3.16) and RCU callbacks (F3.17). */
import { VIRQ, VPF } from '../../host/constants.ts';
import { idleRegisters, type Vcpu } from '../../host/vcpu.ts';
import { completeDestroy, putDomain } from '../domains.ts';
import { resultWord } from '../errno.ts';
import { sendGlobalVirq } from '../event-channel/virq.ts';
import type { Body } from '../step.ts';
import type { MutableVcpu, Transaction } from '../transaction.ts';
import { unblock, unpauseVcpu } from '../vcpus.ts';

/** The CPU that it is queued on gets to the tasklet and runs it to its end. */
export interface TaskletRun {
  readonly type: 'tasklet.run';
  readonly id: number;
}
/** A grace period ends: every callback that waits is run, in order. */
export interface RcuRun {
  readonly type: 'rcu.run';
}

type Tasklet = Transaction['xen']['system']['tasklets'][number];

/** public/hvm/params.h; the low byte of its value is the vector. */
const HVM_PARAM_CALLBACK_IRQ = 0;

const waiter = (tx: Transaction, k: Tasklet): MutableVcpu | undefined =>
  k.vcpu === null ? undefined : tx.domain(k.vcpu.domid)?.vcpus[k.vcpu.vcpu];

/** The result goes to the *saved* rax: rip is past the hypercall already (F3.12, F3.13). */
const completeHypercall = (tx: Transaction, k: Tasklet): void => {
  const v = waiter(tx, k);
  if (v === undefined) return;
  v.registers.rax = resultWord(k.result);
  unpauseVcpu(tx, v);
};

/** hvm_assert_evtchn_irq: with a vector callback an interrupt waits for injection. */
const assertUpcall = (tx: Transaction, k: Tasklet): void => {
  const v = waiter(tx, k);
  const d = k.vcpu === null ? undefined : tx.domain(k.vcpu.domid);
  if (v === undefined || d === undefined) return;
  const vector = (d.hvmParams[HVM_PARAM_CALLBACK_IRQ] ?? 0) % 256;
  if (vector !== 0) v.injectVector ??= vector;
  unblock(v);
};

/** INIT and SIPI reach a vCPU: it starts anew, unless it is up already. */
const startUp = (tx: Transaction, k: Tasklet): void => {
  const v = waiter(tx, k);
  if (v === undefined || (v.initialised && (v.pauseFlags & VPF.down) === 0)) return;
  v.initialised = true;
  v.pauseFlags &= ~VPF.down;
  v.registers = { ...idleRegisters } satisfies Vcpu['registers'];
};

const work: Readonly<Record<Tasklet['work'], (tx: Transaction, k: Tasklet) => void>> = {
  continue_hypercall: (tx, k) => {
    completeHypercall(tx, k);
    if (k.vcpu !== null && tx.domain(k.vcpu.domid) !== undefined) putDomain(tx, k.vcpu.domid);
  },
  live_update: completeHypercall,
  assert_evtchn_irq: assertUpcall,
  init_sipi: startUp,
  // The tables were unlinked before; no frame of the model waits for this.
  iommu_free_pagetables: () => undefined,
  notify: (tx) => sendGlobalVirq(tx, VIRQ.TBUF),
};

/** Afterwards the tasklet is idle, and an idle one is not listed. */
export const runTasklet: Body<TaskletRun> = (tx, e) => {
  const { system } = tx.xen;
  const k = system.tasklets.find((t) => t.id === e.id);
  if (k === undefined || (k.scheduledOn === null && !k.running)) return 'not enabled';
  system.tasklets = system.tasklets.filter((t) => t.id !== e.id);
  work[k.work](tx, k);
  return null;
};

export const runRcu: Body<RcuRun> = (tx) => {
  const { system } = tx.xen;
  if (system.rcu.length === 0) return 'not enabled';
  const callbacks = system.rcu;
  system.rcu = [];
  for (const callback of callbacks)
    if (callback.kind === 'complete_domain_destroy') completeDestroy(tx, callback.domid);
  return null;
};
