/**
 * Every record of a trace, in order, against what the model allows. Keeps
 * what is known of each domain, vCPU and CPU, and nothing per record.
 */
import { CHARTS } from '../../machines/charts.ts';
import type { AnyChart } from '../world/chart.ts';
import { ExecutingContext, type VcpuKey } from '../xen/trace/context.ts';
import {
  DOM0_DOM_ADD,
  DOM0_DOM_REM,
  MEM_DECREASE_RESERVATION,
  MEM_PAGE_GRANT_MAP,
  MEM_PAGE_GRANT_UNMAP,
} from '../xen/trace/events/domains.ts';
import { PV_HYPERCALL, PV_HYPERCALL_SUBCALL } from '../xen/trace/events/hypercall.ts';
import { LOST_RECORDS } from '../xen/trace/header.ts';
import { type TraceRecord, tscOf } from '../xen/trace/record.ts';
import { compareHalves } from '../xen/trace/u64.ts';
import { enters } from './calls.ts';
import { Judge } from './divergence.ts';
import { Domains } from './domains.ts';
import { Grants } from './grants.ts';
import { HostKnown } from './host-known.ts';
import { Machines } from './machines.ts';
import { type Dumps, Moments, NO_DUMPS } from './moments.ts';
import { Scheduling } from './scheduling.ts';
import { Sessions } from './sessions.ts';
import { UNKNOWN, YES } from './tri.ts';

/** TSC cycles in which no CPU can read its TSC twice. */
const WRITING = 2;

export class TraceChecker {
  readonly judge = new Judge();
  readonly host = new HostKnown();
  /** Records that were checked; the others are in gaps or in the tail. */
  checked = 0;
  readonly machines: Machines;
  readonly moments: Moments;
  readonly #context = new ExecutingContext();
  readonly #sessions: Sessions;
  readonly #scheduling: Scheduling;
  readonly #domains: Domains;
  readonly #grants: Grants;
  /** Latest end of the gaps that lost records left. */
  #gapHi = 0;
  #gapLo = 0;
  #inGap = false;
  #inTail = false;

  constructor(charts: readonly AnyChart[] = CHARTS, dumps: Dumps = NO_DUMPS) {
    this.moments = new Moments(this.host, dumps);
    this.machines = new Machines(this.host, this.judge, charts);
    this.#sessions = new Sessions(this.host, this.judge, this.machines);
    this.#grants = new Grants(this.host, this.judge, this.machines);
    this.#domains = new Domains(this.host, this.judge, this.machines, this.#grants);
    this.#scheduling = new Scheduling(this, this.#domains, this.#sessions);
  }

  /** The vCPU that executes on `cpu` before the next record. */
  executing(cpu: number): VcpuKey {
    return this.#context.currentOf(cpu);
  }

  /** From here on records of some CPU are missing. */
  readonly tail = (): void => {
    this.#inTail = true;
  };

  /** Takes the next record. Asks for the end at the first divergence. */
  readonly visit = (record: TraceRecord): 'stop' | undefined => {
    this.judge.begin(tscOf(record));
    if (this.#inTail) return undefined;
    if (this.#inGap || record.event === LOST_RECORDS) this.#gap(record);
    if (this.#inGap) {
      this.#context.observe(record);
      return undefined;
    }
    this.checked += 1;
    const contradictions = this.#context.contradictions;
    const key = this.#context.observe(record);
    if (this.#context.contradictions !== contradictions) this.#contradicts(record, key);
    if (record.stamped) this.#once(record);
    const group = record.event >>> 16;
    if (group === 2) this.#scheduling.take(record, key);
    else if (group === 0x20) this.#pv(record, key);
    else if (group === 0x10) this.#memory(record, key);
    else if (group === 0x04) this.#lives(record, key);
    return this.judge.first === null ? undefined : 'stop';
  };

  /** A CPU takes longer than this to write a record: the same twice is a record that stands twice. */
  #once(record: TraceRecord): void {
    const cpu = this.host.cpu(record.cpu);
    const { event, tscHi, tscLo } = record;
    if (event === cpu.lastEvent && tscHi === cpu.lastHi && tscLo - cpu.lastLo <= WRITING) {
      const name = `0x${event.toString(16).padStart(8, '0')}`;
      this.judge.diverges(record, `CPU ${record.cpu}`, 'one record at a time', `${name} twice`, []);
    }
    cpu.lastEvent = event;
    cpu.lastHi = tscHi;
    cpu.lastLo = tscLo;
  }

  #contradicts(record: TraceRecord, key: number): void {
    const v = this.host.executing(key);
    this.judge.diverges(
      record,
      v?.name ?? 'd?v?',
      `it runs on CPU ${record.cpu}`,
      `a record says that another vCPU does`,
      ['F2.17'],
    );
  }

  #pv(record: TraceRecord, key: number): void {
    const v = this.host.executing(key);
    if (v === undefined) {
      if (record.event === PV_HYPERCALL) this.#sessions.end(record);
      return;
    }
    if (v.idle) {
      this.judge.diverges(record, v.name, 'nothing but Xen', 'a PV guest enters', ['F2.17']);
      return;
    }
    const d = this.host.domain(v.domain);
    if (d.pv !== YES) d.pv = YES;
    if (record.event === PV_HYPERCALL) {
      this.#sessions.enters(record, v);
      enters(v, record);
    } else if (record.event === PV_HYPERCALL_SUBCALL && v.call !== UNKNOWN) {
      // Where entries are not traced, nothing would say that the call is over.
      enters(v, record);
    }
  }

  #memory(record: TraceRecord, key: number): void {
    const executing = this.host.executing(key);
    switch (record.event) {
      case MEM_PAGE_GRANT_MAP:
        this.#grants.mapped(
          record,
          this.#domains.named(record, record.word(0), 'has a grant mapped'),
          executing,
        );
        this.moments.happened();
        break;
      case MEM_PAGE_GRANT_UNMAP:
        this.#grants.unmapped(
          record,
          this.#domains.named(record, record.word(0), 'has a grant unmapped'),
          executing,
        );
        this.moments.happened();
        break;
      case MEM_DECREASE_RESERVATION:
        this.#domains.named(record, record.word(2) & 0xffff, 'gives memory back');
        break;
    }
  }

  #lives(record: TraceRecord, key: number): void {
    this.moments.happens();
    const d = this.host.domain(record.word(0));
    if (record.event === DOM0_DOM_ADD) {
      this.#domains.added(record, d.domain, this.host.executing(key));
    } else if (record.event === DOM0_DOM_REM) {
      this.moments.ended(d.domain, d.unmaps);
      this.#domains.removed(record, d.domain, this.host.executing(key));
    }
    this.moments.happened();
  }

  /** Where records are lost nothing is known, and nothing learned until the gap is over. */
  #gap(record: TraceRecord): void {
    if (record.event === LOST_RECORDS) {
      const [hi, lo] = [record.ownTscHi(), record.ownTscLo()];
      if (!this.#inGap || compareHalves(hi, lo, this.#gapHi, this.#gapLo) > 0) {
        this.#gapHi = hi;
        this.#gapLo = lo;
      }
      this.#inGap = true;
      this.moments.loses();
    } else if (compareHalves(record.tscHi, record.tscLo, this.#gapHi, this.#gapLo) > 0) {
      this.#inGap = false;
      this.host.forget();
      this.#context.forget();
    }
  }
}
