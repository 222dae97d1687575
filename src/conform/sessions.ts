/**
 * What one vCPU has Xen do between two entries, a session: at its end what it
 * began must have come about.
 */
import type { TraceRecord } from '../xen/trace/record.ts';
import type { Judge } from './divergence.ts';
import { FREE, holdsText, mayRun, pausedAndWoken } from './holds.ts';
import type { HostKnown, Sleeper } from './host-known.ts';
import { RUNNING, type VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import { NO, UNKNOWN } from './tri.ts';

/** What a domctl that woke a vCPU again has left of what held it. */
const pauseIsOver = ({ vcpu: v, before, alone, wakes }: Sleeper): void => {
  if (!alone || wakes === 0 || v.holds === FREE) return;
  v.holds = v.holds & pausedAndWoken(before, wakes) || v.holds;
};

export class Sessions {
  readonly #host: HostKnown;
  readonly #judge: Judge;
  readonly #machines: Machines;

  constructor(host: HostKnown, judge: Judge, machines: Machines) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
  }

  /** `v` enters Xen: so it runs. */
  enters(record: TraceRecord, v: VcpuKnown): void {
    this.end(record);
    if (v.idle || mayRun(v.holds)) return;
    if (v.sleptItself) this.#held(record, v, 'makes a hypercall', ['F2.17', 'F2.23']);
  }

  /** What the session of the record's CPU waited for must have come about. */
  end(record: TraceRecord): void {
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
    for (const sleeper of cpu.sleepers) pauseIsOver(sleeper);
    for (const asleep of cpu.asleep) this.#machines.fellAsleep(record, asleep);
    cpu.renew();
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
