/**
 * Runstate changes, SLEEP, WAKE and BLOCK against what may hold a vCPU.
 *
 * How Xen writes these records (4.11 to 4.20, common/sched): a change is
 * written under the scheduler's lock and names both states, so those of one
 * vCPU form a chain. SLEEP and WAKE are written before that lock is taken;
 * what they do follows on the same CPU, perhaps after an interrupt. So
 * between a SLEEP and its effect another CPU may still choose the vCPU: that
 * is allowed until the CPU of the SLEEP is seen to go on.
 */
import type { TraceRecord } from '../xen/trace/record.ts';
import { DOMCTL, mayUnpause, sleepKinds } from './calls.ts';
import type { Judge } from './divergence.ts';
import { FREE, HOLD, holdsText, ifShutDown, mayBeHeld, mayRun, slept, woken } from './holds.ts';
import type { CpuKnown, HostKnown } from './host-known.ts';
import { BLOCKED, NO, OFFLINE, RUNNABLE, RUNNING, UNKNOWN, type VcpuKnown, YES } from './known.ts';
import type { Machines } from './machines.ts';

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

  constructor(host: HostKnown, judge: Judge, machines: Machines) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
  }

  /** A record of `v` changing from one RUNSTATE_* to another on the record's CPU. */
  change(record: TraceRecord, v: VcpuKnown, from: number, to: number): void {
    const cpu = this.#host.cpu(record.cpu);
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

  /** SLEEP: something holds `v` from now on, for a reason that who executes can have. */
  sleep(record: TraceRecord, v: VcpuKnown, executing: VcpuKnown | undefined): void {
    const cpu = this.#host.cpu(record.cpu);
    this.#endWake(v);
    const shutsDown = cpu.shutting?.domain === v.domain;
    const d = this.#host.domain(v.domain);
    const softirqs = { sipi: d.pv !== YES, caps: this.#host.credit };
    const kinds = shutsDown ? HOLD.shutdown : sleepKinds(executing, v, softirqs);
    const wasFree = v.holds === FREE;
    v.holds = slept(v.holds, kinds);
    if (v.wakeCpu !== UNKNOWN && v.wakeCpu !== record.cpu) v.overtaken = true;
    v.sleepCpu = record.cpu;
    v.sleepStage = cpu.stage;
    v.sleepSession = cpu.session;
    v.sleptItself = executing === v;
    v.kept = 0;
    if (shutsDown) d.shut = YES;
    else if (d.shut === NO && (kinds & HOLD.shutdown) !== 0) d.shut = UNKNOWN;
    this.#machines.slept(record, v, shutsDown);
    if (!cpu.asleep.some(({ domain }) => domain === d)) {
      cpu.asleep.push({ vcpu: v, domain: d, kinds, wasFree, shutsDown });
    }
    if (v.runstate === RUNNING && executing !== v && executing?.call === DOMCTL) {
      cpu.awaited.push(v);
    }
  }

  /** WAKE: one of the holds may be gone. */
  wake(record: TraceRecord, v: VcpuKnown, executing: VcpuKnown | undefined): void {
    const cpu = this.#host.cpu(record.cpu);
    this.#endWake(v);
    const resume = v.sleepCpu === record.cpu && v.sleepSession === cpu.session;
    if (v.holds !== FREE) {
      const d = this.#host.domain(v.domain);
      if (resume && mayBeHeld(ifShutDown(v.holds))) d.shut = UNKNOWN;
      // What a call or a softirq has paused itself it may take back.
      const unpause = resume || mayUnpause(executing);
      v.holds = woken(v.holds, unpause, resume);
      if (unpause && !v.idle) this.#machines.woken(record, d, resume);
    }
    v.wakeCpu = record.cpu;
    v.wakeStage = cpu.stage;
    v.overtaken = false;
    if (v.unexplained) this.#explained(v);
  }

  /** SCHED_BLOCK by `v` itself. */
  asksToBlock(v: VcpuKnown): void {
    v.asksToBlock = YES;
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

  /** `v` enters Xen: so it runs. */
  enters(record: TraceRecord, v: VcpuKnown): void {
    this.endSession(record);
    if (v.idle || mayRun(v.holds)) return;
    if (v.sleptItself) this.#held(record, v, 'makes a hypercall', ['F2.17', 'F2.23']);
  }

  /** What the session of the record's CPU waited for must have come about. */
  endSession(record: TraceRecord): void {
    const cpu = this.#host.cpu(record.cpu);
    for (const v of cpu.awaited) {
      if (v.runstate === RUNNING && !mayRun(v.holds)) {
        this.#held(record, v, 'still runs when the call is over', ['F2.18']);
      }
    }
    const v = cpu.shutting;
    if (v !== null && mayRun(v.holds) && this.#host.domain(v.domain).shut === NO) {
      this.#diverges(record, v, 'put to sleep by its shutdown', 'goes on', ['F2.23']);
    }
    if (cpu.creating !== UNKNOWN && cpu.verbose) {
      // The scheduler was not told of it in the same call: the creation failed.
      const d = this.#host.domain(cpu.creating);
      if (d.exists === UNKNOWN) d.exists = NO;
    }
    for (const asleep of cpu.asleep) this.#machines.fellAsleep(record, asleep);
    cpu.renew();
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
    v.unexplained = true;
    v.offlineAt = record.offset;
    if (!wakesSoon) return;
    v.wakeBy = cpu.switches + MIGRATION_SWITCHES;
    v.wakeByCpu = record.cpu;
    cpu.unexplained.push(v);
  }

  #explained(v: VcpuKnown): void {
    v.unexplained = false;
    if (v.wakeByCpu === UNKNOWN) return;
    const list = this.#host.cpu(v.wakeByCpu).unexplained;
    const at = list.indexOf(v);
    if (at >= 0) list.splice(at, 1);
    v.wakeByCpu = UNKNOWN;
  }

  #switched(record: TraceRecord, cpu: CpuKnown, counts: boolean): void {
    this.endSession(record);
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

  /** The last WAKE is over. If the vCPU is offline still, something holds it. */
  #endWake(v: VcpuKnown): void {
    if (v.wakeCpu === UNKNOWN) return;
    const over = this.#host.cpu(v.wakeCpu).stage !== v.wakeStage;
    const stays = v.runstate === OFFLINE && !v.unexplained && mayBeHeld(v.holds);
    if (over && stays && !v.overtaken) v.holds &= ~FREE;
    if (over) v.wakeCpu = UNKNOWN;
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
