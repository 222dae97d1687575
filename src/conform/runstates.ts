/**
 * Runstate changes against what may hold a vCPU.
 *
 * How Xen writes these records (4.11 to 4.20, common/sched): a change is
 * written under the scheduler's lock and names both states, so those of one
 * vCPU form a chain. SLEEP and WAKE (`sleep-wake.ts`) are written before that
 * lock is taken; what they do follows on the same CPU, perhaps after an
 * interrupt. So between a SLEEP and its effect another CPU may still choose
 * the vCPU: that is allowed until the CPU of the SLEEP is seen to go on.
 */
import type { TraceRecord } from '../xen/trace/record.ts';
import type { Judge } from './divergence.ts';
import { ANY, FREE, holdsText, mayBeHeld, mayRun } from './holds.ts';
import type { CpuKnown, HostKnown } from './host-known.ts';
import { BLOCKED, OFFLINE, RUNNABLE, RUNNING, type VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import type { Sessions } from './sessions.ts';
import { NO, UNKNOWN, YES } from './tri.ts';

const STATES = ['running', 'runnable', 'blocked', 'offline'];

/** Changes that the scheduler makes; by old state, then new state. */
const CHANGES: readonly (readonly number[])[] = [
  [RUNNABLE, BLOCKED, OFFLINE],
  [RUNNING, OFFLINE],
  [RUNNABLE, OFFLINE],
  [RUNNABLE],
];

/** Switches of its CPU by which a vCPU that migrates is woken again; the first follows at once. */
const MIGRATION_SWITCHES = 2;

export class Runstates {
  readonly #host: HostKnown;
  readonly #judge: Judge;

  readonly #machines: Machines;
  readonly #sessions: Sessions;

  constructor(host: HostKnown, judge: Judge, machines: Machines, sessions: Sessions) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
    this.#sessions = sessions;
  }

  /** A record of `v` changing from one RUNSTATE_* to another on the record's CPU. */
  change(record: TraceRecord, v: VcpuKnown, from: number, to: number): void {
    const cpu = this.#host.cpu(record.cpu);
    cpu.runstates = true;
    if (v.runstate !== UNKNOWN && v.runstate !== from) {
      this.#diverges(record, v, `${STATES[v.runstate]}`, `leaves ${STATES[from]}`, ['F2.17']);
    } else if (!CHANGES[from]!.includes(to)) {
      const allowed = CHANGES[from]!.map((s) => STATES[s]).join(' or ');
      this.#diverges(record, v, `from ${STATES[from]} to ${allowed}`, `becomes ${STATES[to]}`, [
        'F2.17',
      ]);
    }
    v.runstate = to;
    if (v.idle) {
      if (to === RUNNING || from === RUNNING) this.#switched(record, cpu, to === RUNNING);
      return;
    }
    if (from >= BLOCKED) this.#wakes(record, cpu, v, from, to);
    else if (from === RUNNING) this.#leaves(record, cpu, v, to);
    else if (to === RUNNING) this.#chosen(record, v);
    else this.#sleeps(record, cpu, v);
    v.wakeCpu = UNKNOWN;
    v.overtaken = false;
    if (to === RUNNING || from === RUNNING) this.#switched(record, cpu, to === RUNNING);
  }

  /** The scheduler ran and kept `v` on its CPU. */
  keeps(record: TraceRecord, v: VcpuKnown): void {
    const cpu = this.#host.cpu(record.cpu);
    cpu.stage += 1;
    if (v.idle || mayRun(v.holds) || this.#unsettled(v)) return;
    v.kept += 1;
    // The first may have been decided before the SLEEP.
    if (v.kept > 1) this.#held(record, v, 'is kept running by the scheduler', ['F2.17', 'F2.18']);
  }

  /** blocked or offline -> runnable, blocked -> offline: the effect of a WAKE. */
  #wakes(record: TraceRecord, cpu: CpuKnown, v: VcpuKnown, from: number, to: number): void {
    if (from === BLOCKED) this.#machines.unblocked(record, v);
    const here = v.wakeCpu === record.cpu && v.wakeStage === cpu.stage;
    if (cpu.verbose && !here) {
      this.#diverges(record, v, 'a change only by a WAKE', `${STATES[to]} without one`, ['F2.18']);
    }
    if (to === OFFLINE) this.#offline(record, v, true);
    else if (v.overtaken) return;
    else if (mayRun(v.holds)) this.#isFree(record, v, from);
    else this.#held(record, v, 'becomes runnable', ['F2.17']);
  }

  #leaves(record: TraceRecord, cpu: CpuKnown, v: VcpuKnown, to: number): void {
    if (to === OFFLINE) this.#offline(record, v, this.#host.domain(v.domain).pv === YES);
    else if (to === BLOCKED) {
      if (cpu.verbose && v.asksToBlock === NO) {
        this.#diverges(record, v, 'blocked only by SCHED_BLOCK', 'blocked without', ['F2.17']);
      }
      this.#machines.blocked(record, v);
    } else if (!this.#unsettled(v)) this.#mustBeFree(record, v, 'is found runnable');
  }

  #chosen(record: TraceRecord, v: VcpuKnown): void {
    if (!this.#unsettled(v)) this.#mustBeFree(record, v, 'is chosen to run');
    v.asksToBlock = this.#host.cpu(record.cpu).verbose ? NO : UNKNOWN;
  }

  /** runnable -> offline: the effect of a SLEEP on the same CPU, or of a migration. */
  #sleeps(record: TraceRecord, cpu: CpuKnown, v: VcpuKnown): void {
    const here = v.sleepCpu === record.cpu && v.sleepStage === cpu.stage;
    if (!here) v.sleepCpu = UNKNOWN;
    this.#offline(record, v, true);
  }

  /**
   * Nothing but a hold makes a vCPU offline, or a migration, which wakes it at
   * once. One that ran and is not known to be PV may also wait for its
   * emulator, which leaves no SLEEP (F9.7): then it need not wake soon.
   */
  #offline(record: TraceRecord, v: VcpuKnown, wakesSoon: boolean): void {
    if (mayBeHeld(v.holds)) return;
    const cpu = this.#host.cpu(record.cpu);
    if (!cpu.verbose) {
      // SLEEP may not be traced at all.
      v.holds = ANY;
      return;
    }
    v.unexplained = true;
    v.offlineAt = record.offset;
    if (!wakesSoon) return;
    v.wakeBy = cpu.switches + MIGRATION_SWITCHES;
    v.wakeByCpu = record.cpu;
    cpu.unexplained.push(v);
  }

  #switched(record: TraceRecord, cpu: CpuKnown, counts: boolean): void {
    this.#sessions.end(record);
    if (!counts) return;
    cpu.switches += 1;
    for (const v of cpu.unexplained) {
      if (cpu.switches <= v.wakeBy) continue;
      this.#diverges(
        record,
        v,
        'offline only while held (SLEEP) or moving (WAKE at once)',
        `went offline at byte ${v.offlineAt} and stays so, held by nothing`,
        ['F2.17', 'F2.18'],
      );
    }
  }

  #mustBeFree(record: TraceRecord, v: VcpuKnown, did: string): void {
    if (mayRun(v.holds)) this.#becomesFree(record, v);
    else this.#held(record, v, did, ['F2.17', 'F2.18']);
  }

  /**
   * A WAKE found it free. Then its domain is not shutting down, unless the
   * vCPU waited for an emulator, which only one of HVM that has run does.
   */
  #isFree(record: TraceRecord, v: VcpuKnown, from: number): void {
    const d = this.#host.domain(v.domain);
    if (d.shut === UNKNOWN && (from === BLOCKED || d.pv === YES || !d.started)) d.shut = NO;
    this.#becomesFree(record, v);
  }

  #becomesFree(record: TraceRecord, v: VcpuKnown): void {
    if (v.holds === FREE) return;
    v.holds = FREE;
    const d = this.#host.domain(v.domain);
    d.started = true;
    if (d.exists === UNKNOWN) d.exists = YES;
    this.#machines.free(record, d, v);
  }

  /** May the last SLEEP of `v` still wait for the scheduler's lock? */
  #unsettled(v: VcpuKnown): boolean {
    return v.sleepCpu !== UNKNOWN && this.#host.cpu(v.sleepCpu).stage === v.sleepStage;
  }

  #held(record: TraceRecord, v: VcpuKnown, did: string, facts: readonly string[]): void {
    this.#diverges(record, v, holdsText(v.holds), did, facts);
  }

  #diverges(
    record: TraceRecord,
    v: VcpuKnown,
    allowed: string,
    did: string,
    facts: readonly string[],
  ): void {
    this.#judge.diverges(record, v.name, allowed, did, facts);
  }
}
