/**
 * Which calls can put somebody else's vCPU to sleep or wake it, and map or
 * unmap grants: what the record of the hypercall entry before says about a
 * record that has no caller of its own. Numbers are __HYPERVISOR_*.
 */
import { hypercallArg, hypercallOp } from '../xen/trace/events/hypercall.ts';
import type { TraceRecord } from '../xen/trace/record.ts';
import { HOLD } from './holds.ts';
import type { VcpuKnown } from './known.ts';
import { UNKNOWN } from './tri.ts';

const PLATFORM_OP = 7;
const MEMORY_OP = 12;
const MULTICALL = 13;
const GRANT_TABLE_OP = 20;
const XENPMU_OP = 40;
const SCHED_OP = 29;
const HVM_OP = 34;
const SYSCTL = 35;
export const DOMCTL = 36;
const KEXEC_OP = 37;
const DM_OP = 41;
/** __HYPERVISOR_arch_1, as which a preempted paging domctl enters again (F3.6). */
const PAGING_DOMCTL_CONT = 49;

const PAUSING: ReadonlySet<number> = new Set([
  PLATFORM_OP,
  MEMORY_OP,
  MULTICALL,
  HVM_OP,
  SYSCTL,
  DOMCTL,
  XENPMU_OP,
  DM_OP,
  PAGING_DOMCTL_CONT,
]);

/** Calls that go on in a tasklet on another CPU, and put their caller to sleep (F3.14). */
export const CONTINUES: ReadonlySet<number> = new Set([PLATFORM_OP, SYSCTL, KEXEC_OP]);

/** GNTTABOP_map_grant_ref, unmap_grant_ref and unmap_and_replace. */
const MAP = 0;
const UNMAP = 1;
const UNMAP_AND_REPLACE = 7;

const ALL_HOLDS = HOLD.paused | HOLD.shutdown | HOLD.dying | HOLD.down | HOLD.deferred;

/** May the call in which this vCPU is unpause another domain? A vCPU of which nothing is known may. */
export const mayUnpause = (executing: VcpuKnown | undefined): boolean =>
  executing === undefined ||
  (!executing.idle && (executing.call === UNKNOWN || PAUSING.has(executing.call)));

/** May the call in which this vCPU is be a domctl? One of which nothing is known may. */
export const mayBeDomctl = (executing: VcpuKnown | undefined): boolean =>
  executing === undefined ||
  (!executing.idle && [UNKNOWN, DOMCTL, MULTICALL].includes(executing.call));

/**
 * For which reasons can `sleeper` be put to sleep by what `executing` does?
 * Bits of HOLD. Xen crashes a domain wherever it finds it misbehaving and at a
 * watchdog's time-out, so `shutdown` is always among them. Softirqs run on
 * whoever executes: if the sleeper may be HVM, a short pause is possible
 * anywhere (INIT and `sipi`), and if the scheduler is one that `caps` by sleep,
 * as credit does, a long one.
 */
export const sleepKinds = (
  executing: VcpuKnown | undefined,
  sleeper: VcpuKnown,
  softirqs: { readonly sipi: boolean; readonly caps: boolean },
): number => {
  if (executing === undefined) return ALL_HOLDS;
  if (executing.domain === sleeper.domain) return HOLD.shutdown | HOLD.down | HOLD.deferred;
  if (executing.idle) return HOLD.shutdown | HOLD.deferred;
  const { call } = executing;
  const always = HOLD.shutdown | (softirqs.caps ? HOLD.deferred : 0);
  if (call === UNKNOWN || call === DOMCTL || call === MULTICALL) {
    return always | HOLD.paused | HOLD.dying;
  }
  return softirqs.sipi || PAUSING.has(call) ? always | HOLD.paused : always;
};

/** Takes a hypercall entry of `v`, or a call within its multicall. */
export const enters = (v: VcpuKnown, record: TraceRecord): void => {
  v.call = hypercallOp(record);
  v.grantCommand = UNKNOWN;
  v.grantsLeft = UNKNOWN;
  v.schedCommand = v.call === SCHED_OP ? hypercallArg(record, 0) : UNKNOWN;
  if (v.call !== GRANT_TABLE_OP) return;
  v.grantCommand = hypercallArg(record, 0);
  v.grantsLeft = hypercallArg(record, 2);
};

/** Why `v` cannot map (or unmap) a grant now, or `null` if it can. Counts the operation. */
export const grantOperation = (v: VcpuKnown, maps: boolean): string | null => {
  if (v.call === UNKNOWN || v.call === MULTICALL) return null;
  if (v.call !== GRANT_TABLE_OP)
    return `${v.name} is in hypercall ${v.call}, not in grant_table_op`;
  const command = v.grantCommand;
  if (command === UNKNOWN) return null;
  const fits = maps ? command === MAP : command === UNMAP || command === UNMAP_AND_REPLACE;
  if (!fits) return `${v.name} is in grant_table_op ${command}`;
  if (v.grantsLeft === 0) return `${v.name} asked for no more of them`;
  if (v.grantsLeft > 0) v.grantsLeft -= 1;
  return null;
};
