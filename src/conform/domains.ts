/** The lives of domains, against what the model allows. */
import type { TraceRecord } from '../xen/trace/record.ts';
import { mayBeDomctl } from './calls.ts';
import type { Judge } from './divergence.ts';
import type { Grants } from './grants.ts';
import { ifDying } from './holds.ts';
import type { HostKnown } from './host-known.ts';
import { type DomainKnown, RUNNABLE, RUNNING, type VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import { NO, UNKNOWN, YES } from './tri.ts';

export class Domains {
  readonly #host: HostKnown;
  readonly #judge: Judge;
  /** Was a record of TRC_DOM0OP seen? */
  #traced = false;
  /** Was the scheduler told of a domain, or its end, without TRC_DOM0OP seen so far? */
  #unheralded: string | null = null;

  readonly #machines: Machines;
  readonly #grants: Grants;

  constructor(host: HostKnown, judge: Judge, machines: Machines, grants: Grants) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
    this.#grants = grants;
  }

  /** Any record that names the domain: it must exist. */
  named(record: TraceRecord, domain: number, what: string): DomainKnown {
    const d = this.#host.domain(domain);
    if (d.exists === NO) this.#diverges(record, d, 'no such domain', what, ['F2.15']);
    if (d.exists === UNKNOWN) d.exists = YES;
    return d;
  }

  /**
   * A record that can still come of a domain whose last reference is dropped,
   * until RCU frees it: a timer may wake a vCPU that will never run.
   */
  remembered(record: TraceRecord, domain: number, what: string): void {
    const d = this.#host.domain(domain);
    if (d.waiting === 0 && !(d.exists === NO && d.waitingUnknown)) this.named(record, domain, what);
  }

  /** DOM0_DOM_ADD: the structure of a new domain. */
  added(record: TraceRecord, domain: number, executing: VcpuKnown | undefined): void {
    this.#seesClass(record);
    const d = this.#host.domain(domain);
    const cpu = this.#host.cpu(record.cpu);
    if (d.exists === YES) {
      this.#diverges(record, d, 'exists', 'is created', ['F2.1', 'F2.15']);
    }
    if (!mayBeDomctl(executing)) {
      this.#diverges(record, d, 'created by a domctl only', 'is created', ['F2.1']);
    }
    if (cpu.creating !== UNKNOWN && executing !== undefined && executing.call !== UNKNOWN) {
      this.#diverges(record, d, 'one creation in one call', 'another one', ['F2.1']);
    }
    cpu.creating = domain;
    this.#host.dropVcpus(d);
    d.exists = UNKNOWN;
    d.born = false;
  }

  /** SCHED_DOM_ADD: the scheduler knows it; its creation is as good as done. */
  scheduled(record: TraceRecord, domain: number): void {
    const d = this.#host.domain(domain);
    const cpu = this.#host.cpu(record.cpu);
    // The call may have begun before the trace did.
    const heralded = cpu.creating === domain || !cpu.begun;
    if (!heralded && this.#traced) {
      this.#diverges(record, d, 'known to the scheduler in its creation', 'SCHED_DOM_ADD alone', [
        'F2.1',
      ]);
    }
    if (!heralded) this.#unheralded ??= `SCHED_DOM_ADD of d${domain} at byte ${record.offset}`;
    if (d.exists === YES) this.#diverges(record, d, 'exists', 'is created', ['F2.1']);
    this.#host.dropVcpus(d);
    d.bear();
    this.#machines.created(record, d);
  }

  /** DOM0_DOM_REM: its last reference is dropped, in the context of `executing`. */
  removed(record: TraceRecord, domain: number, executing: VcpuKnown | undefined): void {
    this.#seesClass(record);
    const d = this.named(record, domain, 'loses its last reference');
    this.#callEnds(record, d);
    for (const v of d.vcpus.values()) this.#mustBeDying(record, v);
    const mapped = this.#grants.mappedAtLeast(d);
    if (mapped > 0) {
      const grants = mapped === 1 ? '1 mapped grant' : `${mapped} mapped grants`;
      this.#diverges(record, d, `kept by ${grants}`, 'loses its last reference', [
        'F2.14',
        'F2.16',
        'F8.4',
      ]);
    }
    this.#machines.removing(record, d);
    d.die();
    this.#host.waiting += 1;
    this.#machines.removed(record, d, mayBeDomctl(executing));
  }

  /** SCHED_DOM_REM: the callback of RCU frees it. */
  freed(record: TraceRecord, domain: number): void {
    const d = this.#host.domain(domain);
    const failed = this.#host.cpu(record.cpu).creating === domain;
    if (failed && d.waiting === 0) {
      // The creation failed after the scheduler was told.
      d.exists = NO;
      this.#host.dropVcpus(d);
      return;
    }
    if (d.waiting > 0) {
      d.waiting -= 1;
      this.#host.waiting -= 1;
    } else if (!this.#traced && d.exists === YES) {
      // Its last reference went unseen, as the class of that record is not traced so far.
      this.#unheralded ??= `SCHED_DOM_REM of d${domain} at byte ${record.offset}`;
      this.#goesUnseen(d);
      return;
    } else if (d.exists === YES || !d.waitingUnknown) {
      this.#diverges(record, d, 'freed only after its last reference', 'is freed', ['F2.15']);
    }
    this.#machines.freed(record, d);
    if (d.exists === NO && d.waiting === 0) this.#host.dropVcpus(d);
  }

  #goesUnseen(d: DomainKnown): void {
    d.die();
    d.waiting = 0;
    d.charts.forget();
    this.#host.dropVcpus(d);
  }

  /**
   * The last reference may go in the very call that destroys it, or on another
   * CPU before that call is seen to be over.
   */
  #callEnds(record: TraceRecord, d: DomainKnown): void {
    const found = this.#host.cpus.flatMap(({ asleep }) => {
      const at = asleep.findIndex(({ domain }) => domain === d);
      return at < 0 ? [] : asleep.splice(at, 1);
    });
    for (const one of found.sort((a, b) => a.place - b.place)) {
      this.#machines.fellAsleep(record, one);
    }
  }

  /** domain_kill paused all its vCPUs before (F2.7). */
  #mustBeDying(record: TraceRecord, v: VcpuKnown): void {
    const runs = v.runstate === RUNNING || v.runstate === RUNNABLE;
    if (!runs && ifDying(v.holds) !== 0) return;
    const why = runs ? 'running or runnable' : 'never paused by destroydomain';
    this.#judge.diverges(record, v.name, why, `d${v.domain} loses its last reference`, [
      'F2.7',
      'F2.15',
    ]);
  }

  /** TRC_DOM0OP is traced: then it cannot have missed anything before. */
  #seesClass(record: TraceRecord): void {
    if (this.#traced) return;
    this.#traced = true;
    if (this.#unheralded === null) return;
    this.#judge.diverges(
      record,
      'trace',
      'DOM0_DOM_ADD and _REM of each domain, as this class is traced',
      `${this.#unheralded} had none`,
      ['F2.1', 'F2.15'],
    );
  }

  #diverges(
    record: TraceRecord,
    d: DomainKnown,
    allowed: string,
    did: string,
    facts: readonly string[],
  ): void {
    this.#judge.diverges(record, `d${d.domain}`, allowed, did, facts);
  }
}
