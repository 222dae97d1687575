/** Records of TRC_SCHED against what the model allows. */
import { UNKNOWN_VCPU, vcpuKey } from '../xen/trace/context.ts';
import {
  CONTINUE_RUNNING,
  isRunstateChange,
  newState,
  oldState,
} from '../xen/trace/events/runstate.ts';
import {
  SCHED_BLOCK,
  SCHED_DOM_ADD,
  SCHED_DOM_REM,
  SCHED_SHUTDOWN,
  SCHED_SHUTDOWN_CODE,
  SCHED_SLEEP,
  SCHED_SWITCH,
  SCHED_WAKE,
  SCHED_YIELD,
} from '../xen/trace/events/sched.ts';
import type { TraceRecord } from '../xen/trace/record.ts';
import { DOMCTL } from './calls.ts';
import type { Judge } from './divergence.ts';
import type { Domains } from './domains.ts';
import { ANY, FREE } from './holds.ts';
import type { HostKnown } from './host-known.ts';
import type { VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import type { Moments } from './moments.ts';
import { Runstates } from './runstates.ts';
import type { Sessions } from './sessions.ts';
import { SleepWake } from './sleep-wake.ts';
import { NO, UNKNOWN, YES } from './tri.ts';

/** Bits 9 to 11 of TRC_SCHED_CLASS: which scheduler writes it, 0 is credit. */
const SCHEDULER = 0xe00;

/** What all of a trace's records are held against. */
interface Checked {
  readonly host: HostKnown;
  readonly judge: Judge;
  readonly machines: Machines;
  readonly moments: Moments;
}

export class Scheduling {
  readonly #host: HostKnown;
  readonly #judge: Judge;
  readonly #machines: Machines;
  readonly #moments: Moments;
  readonly #domains: Domains;
  readonly #sessions: Sessions;
  readonly #runstates: Runstates;
  readonly #sleepWake: SleepWake;

  constructor({ host, judge, machines, moments }: Checked, domains: Domains, sessions: Sessions) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
    this.#moments = moments;
    this.#domains = domains;
    this.#sessions = sessions;
    this.#runstates = new Runstates(host, judge, machines, sessions);
    this.#sleepWake = new SleepWake(host, machines);
  }

  /** Takes a record that was written in the context of the vCPU `key`. */
  take(record: TraceRecord, key: number): void {
    const { event } = record;
    if (isRunstateChange(event)) {
      const v = this.#host.vcpu(record.word(0));
      if (!v.idle) this.#remembered(record, v, 'changes its runstate');
      this.#runstates.change(record, v, oldState(event), newState(event));
    } else if (event === CONTINUE_RUNNING) {
      this.#runstates.keeps(record, this.#host.vcpu(record.word(0)));
    } else if (event >>> 12 === 0x28) {
      this.#verbose(record, key);
      this.#host.cpu(record.cpu).verbose = true;
    } else if (event >>> 12 === 0x22) this.#host.credit = (event & SCHEDULER) === 0;
  }

  #verbose(record: TraceRecord, key: number): void {
    const { event } = record;
    switch (event) {
      case SCHED_WAKE:
        this.#wake(record, key);
        break;
      case SCHED_BLOCK:
        this.#own(record, key, 'blocks').asksToBlock = YES;
        break;
      case SCHED_YIELD:
        this.#own(record, key, 'yields');
        break;
      case SCHED_SLEEP:
        this.#sleep(record, key);
        break;
      case SCHED_SHUTDOWN:
        this.#shutdown(record, this.#own(record, key, 'shuts down'));
        break;
      case SCHED_SHUTDOWN_CODE:
        this.#storesCode(record, key);
        break;
      case SCHED_SWITCH:
        // Where runstates are traced, their changes end the session.
        if (!this.#host.cpu(record.cpu).runstates) this.#sessions.end(record);
        break;
      case SCHED_DOM_ADD:
        this.#moments.happens();
        this.#domains.scheduled(record, record.word(0));
        this.#moments.made(record.word(0));
        this.#moments.happened();
        break;
      case SCHED_DOM_REM:
        this.#domains.freed(record, record.word(0));
        break;
    }
  }

  #sleep(record: TraceRecord, key: number): void {
    this.#moments.happens();
    this.#sleepWake.sleep(
      record,
      this.#named(record, 'is put to sleep'),
      this.#host.executing(key),
    );
    this.#moments.happened();
  }

  #wake(record: TraceRecord, key: number): void {
    const v = this.#host.vcpu(vcpuKey(record.word(0), record.word(1)));
    if (!v.idle) this.#remembered(record, v, 'is woken');
    const executing = this.#host.executing(key);
    const held = v.holds !== FREE && (v.holds !== ANY || executing?.call === DOMCTL);
    if (held) this.#moments.happens();
    this.#sleepWake.wake(record, v, executing);
  }

  #shutdown(record: TraceRecord, v: VcpuKnown): void {
    this.#moments.happens();
    const cpu = this.#host.cpu(record.cpu);
    if (cpu.shutting === v && this.#host.domain(v.domain).shut === NO) {
      this.#judge.diverges(record, v.name, 'put to sleep by its shutdown', 'shuts down again', [
        'F2.23',
      ]);
    }
    cpu.shutting = v;
    const d = this.#host.domain(v.domain);
    // A code that was stored before wins (F2.23).
    d.code = d.coded === NO && d.shut === NO ? record.word(2) : UNKNOWN;
  }

  #storesCode(record: TraceRecord, key: number): void {
    const d = this.#host.domain(this.#own(record, key, 'stores a shutdown code').domain);
    d.coded = YES;
    this.#machines.storesCode(record, d);
  }

  #remembered(record: TraceRecord, v: VcpuKnown, what: string): void {
    this.#domains.remembered(record, v.domain, `has a vCPU that ${what}`);
  }

  #named(record: TraceRecord, what: string): VcpuKnown {
    const v = this.#host.vcpu(vcpuKey(record.word(0), record.word(1)));
    if (!v.idle) this.#domains.named(record, v.domain, `has a vCPU that ${what}`);
    return v;
  }

  /** The vCPU of a record that only the executing vCPU can write of itself. */
  #own(record: TraceRecord, key: number, what: string): VcpuKnown {
    const v = this.#named(record, what);
    if (key !== UNKNOWN_VCPU && v.key !== key) {
      const executing = this.#host.vcpu(key);
      this.#judge.diverges(record, v.name, `${executing.name} executes here`, what, ['F2.17']);
    }
    return v;
  }
}
