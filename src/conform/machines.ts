/**
 * What records mean to the charts of `machines/`: for each thing that a trace
 * tells, the events by which a chart may have taken it, all of them followed.
 * Each chart's own part is in `charts/`.
 */
import type { AnyChart } from '../world/chart.ts';
import type { TraceRecord } from '../xen/trace/record.ts';
import { ContinueOnCpuChart } from './charts/continue-on-cpu.ts';
import { DestroyDomainChart } from './charts/destroy-domain.ts';
import { DomainChart } from './charts/domain.ts';
import { GrantChart } from './charts/grant.ts';
import { HypercallChart } from './charts/hypercall.ts';
import { RcuChart } from './charts/rcu.ts';
import { VcpuChart } from './charts/vcpu.ts';
import type { Judge } from './divergence.ts';
import type { ChartFollower } from './follow.ts';
import type { Asleep, HostKnown } from './host-known.ts';
import type { DomainKnown, VcpuKnown } from './known.ts';
import { YES } from './tri.ts';

export class Machines {
  /** Those of the charts that are followed, in the order of reports. */
  readonly followers: readonly ChartFollower[];
  readonly #host: HostKnown;
  readonly #domain: DomainChart;
  readonly #vcpu: VcpuChart;
  readonly #hypercall: HypercallChart;
  readonly #destroy: DestroyDomainChart;
  readonly #grant: GrantChart;
  readonly #elsewhere: ContinueOnCpuChart;
  readonly #rcu: RcuChart;

  constructor(host: HostKnown, judge: Judge, charts: readonly AnyChart[]) {
    this.#host = host;
    this.#domain = new DomainChart(charts, judge);
    this.#vcpu = new VcpuChart(charts, judge);
    this.#hypercall = new HypercallChart(charts, judge);
    this.#destroy = new DestroyDomainChart(charts, judge);
    this.#grant = new GrantChart(charts, judge);
    this.#elsewhere = new ContinueOnCpuChart(charts, judge);
    this.#rcu = new RcuChart(charts, judge);
    const bound = [
      this.#domain,
      this.#vcpu,
      this.#hypercall,
      this.#destroy,
      this.#grant,
      this.#elsewhere,
      this.#rcu,
    ];
    this.followers = bound.flatMap(({ bound: { follower } }) => follower ?? []);
  }

  created(record: TraceRecord, d: DomainKnown): void {
    this.#domain.created(record, d);
    d.fresh = false;
    this.#destroy.created(d);
    this.#grant.created(record, d);
  }

  /** A SLEEP of a vCPU: by its domain's own SCHEDOP_shutdown, by its own call, or else. */
  slept(record: TraceRecord, v: VcpuKnown, by: 'shutdown' | 'itself' | 'other'): void {
    const d = this.#host.domain(v.domain);
    this.#vcpu.slept(record, v, d, by === 'shutdown');
    if (by === 'itself') this.#elsewhere.slept(record, v, this.#host.credit);
  }

  /** The call is over in which a domain was put to sleep. */
  fellAsleep(record: TraceRecord, asleep: Asleep): void {
    this.#domain.fellAsleep(record, asleep);
    this.#destroy.fellAsleep(record, asleep);
  }

  /** A WAKE that may be the end of a pause; or of a `resume`, which paused it in the same call. */
  woken(record: TraceRecord, d: DomainKnown, resume: boolean): void {
    this.#domain.woken(record, d, resume);
  }

  /** One of its vCPUs is found free. */
  free(record: TraceRecord, d: DomainKnown, v: VcpuKnown): void {
    d.wasAlive = true;
    this.#domain.free(record, d);
    this.#destroy.free(record, d);
    this.#vcpu.free(record, v, d);
    this.#elsewhere.free(record, v);
  }

  storesCode(record: TraceRecord, d: DomainKnown): void {
    this.#domain.storesCode(record, d);
  }

  mapped(record: TraceRecord, d: DomainKnown, first: boolean): void {
    this.#grant.mapped(record, d, first);
  }

  unmapped(record: TraceRecord, d: DomainKnown, last: boolean): void {
    this.#grant.unmapped(record, d, last);
  }

  /** Its last reference is about to go. */
  removing(record: TraceRecord, d: DomainKnown): void {
    // Where SLEEP is not traced, or there is no vCPU to sleep, nothing tells of destroydomain.
    const unseen = d.vcpus.size === 0 || this.#host.cpus.every(({ verbose }) => !verbose);
    this.#domain.removing(record, d, unseen);
    this.#destroy.removing(record, d, unseen);
    this.#hypercall.removed(record, d);
    this.#grant.removed(record, d);
  }

  /** It is gone; `inDomctl`: it may have been domain_kill that dropped the reference. */
  removed(record: TraceRecord, d: DomainKnown, inDomctl: boolean): void {
    this.#domain.removed(record, d, inDomctl);
    this.#destroy.removed(record, d, inDomctl);
    for (const v of d.vcpus.values()) this.#vcpu.removed(record, v, d);
    this.#rcu.removed(record, this.#host);
  }

  freed(record: TraceRecord, d: DomainKnown): void {
    if (d.exists !== YES) this.#domain.freed(record, d);
    this.#rcu.freed(record, this.#host);
  }

  blocked(record: TraceRecord, v: VcpuKnown): void {
    this.#vcpu.blocked(record, v, this.#host.domain(v.domain));
  }

  unblocked(record: TraceRecord, v: VcpuKnown): void {
    this.#vcpu.unblocked(record, v, this.#host.domain(v.domain));
  }
}
