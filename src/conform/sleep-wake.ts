/**
 * SLEEP and WAKE: what holds a vCPU from then on, or may hold it no more. Both
 * are written before the scheduler's lock is taken; the change of the runstate
 * follows.
 */
import type { TraceRecord } from '../xen/trace/record.ts';
import { DOMCTL, mayUnpause, sleepKinds } from './calls.ts';
import { FREE, HOLD, ifShutDown, mayBeHeld, slept, woken } from './holds.ts';
import type { HostKnown } from './host-known.ts';
import { OFFLINE, RUNNING, type VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import { NO, UNKNOWN, YES } from './tri.ts';

export class SleepWake {
  readonly #host: HostKnown;
  readonly #machines: Machines;

  constructor(host: HostKnown, machines: Machines) {
    this.#host = host;
    this.#machines = machines;
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
    if (!cpu.sleepers.some(({ vcpu }) => vcpu === v)) {
      const alone = v.runstate === OFFLINE && executing?.call === DOMCTL;
      cpu.sleepers.push({ vcpu: v, before: v.holds, alone, wakes: 0 });
    }
    v.holds = slept(v.holds, kinds);
    if (v.wakeCpu !== UNKNOWN && v.wakeCpu !== record.cpu) v.overtaken = true;
    v.sleepCpu = record.cpu;
    v.sleepStage = cpu.stage;
    v.sleepSession = cpu.session;
    v.sleptItself = executing === v;
    v.kept = 0;
    if (shutsDown) d.shut = YES;
    else if (d.shut === NO && (kinds & HOLD.shutdown) !== 0) d.shut = UNKNOWN;
    this.#machines.slept(record, v, shutsDown ? 'shutdown' : executing === v ? 'itself' : 'other');
    if (!cpu.asleep.some(({ domain }) => domain === d)) {
      const place = this.#host.sleeps++;
      cpu.asleep.push({ vcpu: v, domain: d, kinds, wasFree, shutsDown, place });
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
    if (resume) {
      const sleeper = cpu.sleepers.find(({ vcpu }) => vcpu === v);
      if (sleeper !== undefined) sleeper.wakes += 1;
    }
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
    if (v.unexplained) this.#host.explain(v);
  }

  /** The last WAKE is over. If the vCPU is offline still, something holds it. */
  #endWake(v: VcpuKnown): void {
    if (v.wakeCpu === UNKNOWN) return;
    const over = this.#host.cpu(v.wakeCpu).stage !== v.wakeStage;
    const stays = v.runstate === OFFLINE && !v.unexplained && mayBeHeld(v.holds);
    if (over && stays && !v.overtaken) v.holds &= ~FREE;
    if (over) v.wakeCpu = UNKNOWN;
  }
}
