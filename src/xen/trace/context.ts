/**
 * Who executes. No record names the vCPU in whose context it was written,
 * so that is followed per CPU from the records that do name one.
 *
 * Sure signs that a vCPU executes on the CPU of the record: a runstate
 * change to `running`; CONTINUE_RUNNING and SWITCH_INFCONT, which keep it;
 * SWITCH, which is written while the previous one still executes and names
 * the next one; and LOST_RECORDS, which names the vCPU executing when records
 * resume. A runstate change away from `running` ends it. Before the first
 * sign nothing is known. Where runstates are not traced, the next one that
 * SWITCH named executes from the record behind it on.
 *
 * Holds for sched-gran=cpu, Xen's default: with units of several vCPUs one
 * CPU records the runstate changes of its siblings.
 */
import { CONTINUE_RUNNING, isRunstateChange, newState, oldState } from './events/runstate.ts';
import { SCHED_SWITCH, SCHED_SWITCH_INFCONT } from './events/sched.ts';
import { LOST_RECORDS } from './header.ts';
import type { TraceRecord } from './record.ts';

/**
 * A vCPU as one number, packed like a runstate record: domain in bits 16-31,
 * vCPU in bits 0-15. `UNKNOWN_VCPU` where no record has told.
 */
export type VcpuKey = number;

export const UNKNOWN_VCPU: VcpuKey = -1;

/** DOMID_IDLE: the domain of the idle vCPUs, which enter nothing. */
export const IDLE_DOMAIN = 0x7fff;

const RUNNING = 0;

export const vcpuKey = (domain: number, vcpu: number): VcpuKey =>
  (((domain & 0xffff) << 16) | (vcpu & 0xffff)) >>> 0;

/** Domain of a known vCPU. */
export const keyDomain = (key: VcpuKey): number => key >>> 16;

/** Number of a known vCPU in its domain. */
export const keyVcpu = (key: VcpuKey): number => key & 0xffff;

/** `d1v0`, as Xen prints a vCPU; `d?v?` when unknown. */
export const vcpuName = (key: VcpuKey): string =>
  key === UNKNOWN_VCPU ? 'd?v?' : `d${keyDomain(key)}v${keyVcpu(key)}`;

/** Follows the executing vCPU of every CPU. Feed it each record, in order. */
export class ExecutingContext {
  /**
   * Times that a record told of another vCPU than the one followed: a vCPU
   * starts to run where another still runs, or one that is elsewhere stops.
   * 0 in a sound trace without lost records.
   */
  contradictions = 0;
  readonly #current: VcpuKey[] = [];
  /** Whom the last record of a CPU, a SWITCH, said to come next. */
  readonly #next: (VcpuKey | undefined)[] = [];

  /** The vCPU executing on `cpu` after the records seen so far. */
  currentOf(cpu: number): VcpuKey {
    return this.#current[cpu] ?? UNKNOWN_VCPU;
  }

  /** Forgets who executes where: records are missing. */
  forget(): void {
    this.#current.length = 0;
    this.#next.length = 0;
  }

  /**
   * Takes a record. Answers the vCPU in whose context it was written: for a
   * record that switches, the one that it switches away from.
   */
  observe(record: TraceRecord): VcpuKey {
    const { cpu, event } = record;
    const next = this.#next[cpu];
    if (next !== undefined) {
      // Behind a SWITCH stand the runstate changes of both, if any are traced.
      if (!isRunstateChange(event)) this.#current[cpu] = next;
      this.#next[cpu] = undefined;
    }
    const before = this.currentOf(cpu);
    // Everything of interest is in TRC_SCHED (0x2xxxx) or is LOST_RECORDS.
    if (event >>> 16 === 2) this.#observeScheduling(record, before);
    else if (event === LOST_RECORDS) this.#observeLoss(record);
    return before;
  }

  #observeScheduling(record: TraceRecord, before: VcpuKey): void {
    const { event } = record;
    if (isRunstateChange(event)) this.#observeRunstate(record, before);
    else if (event === CONTINUE_RUNNING) this.#confirm(record.cpu, before, record.word(0));
    else if (event === SCHED_SWITCH_INFCONT || event === SCHED_SWITCH) {
      this.#confirm(record.cpu, before, vcpuKey(record.word(0), record.word(1)));
      if (event === SCHED_SWITCH) {
        this.#next[record.cpu] = vcpuKey(record.word(2), record.word(3));
      }
    }
  }

  #observeRunstate(record: TraceRecord, before: VcpuKey): void {
    const { event, cpu } = record;
    const subject = record.word(0);
    if (newState(event) === RUNNING) this.#confirm(cpu, before, subject);
    else if (oldState(event) === RUNNING) {
      this.#confirm(cpu, before, subject);
      this.#current[cpu] = UNKNOWN_VCPU;
    }
  }

  /** The record says that `vcpu` executes here now. */
  #confirm(cpu: number, before: VcpuKey, vcpu: VcpuKey): void {
    if (before !== UNKNOWN_VCPU && before !== vcpu) this.contradictions += 1;
    this.#current[cpu] = vcpu;
  }

  #observeLoss(record: TraceRecord): void {
    const word = record.word(1);
    this.#current[record.cpu] = vcpuKey(word & 0xffff, word >>> 16);
  }
}
