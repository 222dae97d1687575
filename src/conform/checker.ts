/**
 * Every record of a trace, in order, against what the model allows. Keeps
 * what is known of each domain, vCPU and CPU, and nothing per record.
 */
import { CHARTS } from '../../machines/charts.ts';
import type { AnyChart } from '../world/chart.ts';
import { ExecutingContext, UNKNOWN_VCPU, vcpuKey } from '../xen/trace/context.ts';
import {
  DOM0_DOM_ADD,
  DOM0_DOM_REM,
  MEM_DECREASE_RESERVATION,
  MEM_PAGE_GRANT_MAP,
  MEM_PAGE_GRANT_UNMAP,
} from '../xen/trace/events/domains.ts';
import { PV_HYPERCALL, PV_HYPERCALL_SUBCALL } from '../xen/trace/events/hypercall.ts';
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
  SCHED_WAKE,
  SCHED_YIELD,
} from '../xen/trace/events/sched.ts';
import { LOST_RECORDS } from '../xen/trace/header.ts';
import { type TraceRecord, tscOf } from '../xen/trace/record.ts';
import { compareHalves } from '../xen/trace/u64.ts';
import { DOMCTL, enters } from './calls.ts';
import { Judge } from './divergence.ts';
import { Domains } from './domains.ts';
import { ANY, FREE } from './holds.ts';
import { HostKnown } from './host-known.ts';
import { NO, UNKNOWN, type VcpuKnown, YES } from './known.ts';
import { Machines } from './machines.ts';
import { type Dumps, Moments, NO_DUMPS } from './moments.ts';
import { Runstates } from './runstates.ts';

/** Bits 9 to 11 of TRC_SCHED_CLASS: which scheduler writes it, 0 is credit. */
const SCHEDULER = 0xe00;

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
  readonly #runstates: Runstates;
  readonly #domains: Domains;
  /** Latest end of the gaps that lost records left. */
  #gapHi = 0;
  #gapLo = 0;
  #inGap = false;
  #inTail = false;

  constructor(charts: readonly AnyChart[] = CHARTS, dumps: Dumps = NO_DUMPS) {
    this.moments = new Moments(this.host, dumps);
    this.machines = new Machines(this.host, this.judge, charts);
    this.#runstates = new Runstates(this.host, this.judge, this.machines);
    this.#domains = new Domains(this.host, this.judge, this.machines);
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
    if (group === 2) this.#scheduling(record, key);
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

  #vcpuOf(key: number): VcpuKnown | undefined {
    return key === UNKNOWN_VCPU ? undefined : this.host.vcpu(key);
  }

  #contradicts(record: TraceRecord, key: number): void {
    const v = this.#vcpuOf(key);
    this.judge.diverges(
      record,
      v?.name ?? 'd?v?',
      `it runs on CPU ${record.cpu}`,
      `a record says that another vCPU does`,
      ['F2.17'],
    );
  }

  #scheduling(record: TraceRecord, key: number): void {
    const { event } = record;
    if (isRunstateChange(event)) {
      const v = this.host.vcpu(record.word(0));
      if (!v.idle) this.#remembered(record, v, 'changes its runstate');
      this.#runstates.change(record, v, oldState(event), newState(event));
    } else if (event === CONTINUE_RUNNING) {
      this.#runstates.keeps(record, this.host.vcpu(record.word(0)));
    } else if (event >>> 12 === 0x28) {
      this.#verbose(record, key);
      this.host.cpu(record.cpu).verbose = true;
    } else if (event >>> 12 === 0x22) this.host.credit = (event & SCHEDULER) === 0;
  }

  #verbose(record: TraceRecord, key: number): void {
    const { event } = record;
    switch (event) {
      case SCHED_WAKE:
        this.#wake(record, key);
        break;
      case SCHED_BLOCK:
        this.#runstates.asksToBlock(this.#own(record, key, 'blocks'));
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
      case SCHED_DOM_ADD:
        this.moments.happens();
        this.#domains.scheduled(record, record.word(0));
        this.moments.made(record.word(0));
        this.moments.happened();
        break;
      case SCHED_DOM_REM:
        this.#domains.freed(record, record.word(0));
        break;
    }
  }

  #sleep(record: TraceRecord, key: number): void {
    this.moments.happens();
    this.#runstates.sleep(record, this.#named(record, 'is put to sleep'), this.#vcpuOf(key));
    this.moments.happened();
  }

  #wake(record: TraceRecord, key: number): void {
    const v = this.host.vcpu(vcpuKey(record.word(0), record.word(1)));
    if (!v.idle) this.#remembered(record, v, 'is woken');
    const executing = this.#vcpuOf(key);
    const held = v.holds !== FREE && (v.holds !== ANY || executing?.call === DOMCTL);
    if (held) this.moments.happens();
    this.#runstates.wake(record, v, executing);
  }

  #shutdown(record: TraceRecord, v: VcpuKnown): void {
    this.moments.happens();
    const cpu = this.host.cpu(record.cpu);
    if (cpu.shutting === v && this.host.domain(v.domain).shut === NO) {
      this.judge.diverges(record, v.name, 'put to sleep by its shutdown', 'shuts down again', [
        'F2.23',
      ]);
    }
    cpu.shutting = v;
    const d = this.host.domain(v.domain);
    // A code that was stored before wins (F2.23).
    d.code = d.coded === NO && d.shut === NO ? record.word(2) : UNKNOWN;
  }

  #storesCode(record: TraceRecord, key: number): void {
    const d = this.host.domain(this.#own(record, key, 'stores a shutdown code').domain);
    d.coded = YES;
    this.machines.storesCode(record, d);
  }

  #remembered(record: TraceRecord, v: VcpuKnown, what: string): void {
    this.#domains.remembered(record, v.domain, `has a vCPU that ${what}`);
  }

  #named(record: TraceRecord, what: string): VcpuKnown {
    const v = this.host.vcpu(vcpuKey(record.word(0), record.word(1)));
    if (!v.idle) this.#domains.named(record, v.domain, `has a vCPU that ${what}`);
    return v;
  }

  /** The vCPU of a record that only the executing vCPU can write of itself. */
  #own(record: TraceRecord, key: number, what: string): VcpuKnown {
    const v = this.#named(record, what);
    if (key !== UNKNOWN_VCPU && v.key !== key) {
      const executing = this.host.vcpu(key);
      this.judge.diverges(record, v.name, `${executing.name} executes here`, what, ['F2.17']);
    }
    return v;
  }

  #pv(record: TraceRecord, key: number): void {
    const v = this.#vcpuOf(key);
    if (v === undefined) {
      if (record.event === PV_HYPERCALL) this.#runstates.endSession(record);
      return;
    }
    if (v.idle) {
      this.judge.diverges(record, v.name, 'nothing but Xen', 'a PV guest enters', ['F2.17']);
      return;
    }
    const d = this.host.domain(v.domain);
    if (d.pv !== YES) d.pv = YES;
    if (record.event === PV_HYPERCALL) {
      this.#runstates.enters(record, v);
      enters(v, record);
    } else if (record.event === PV_HYPERCALL_SUBCALL) enters(v, record);
  }

  #memory(record: TraceRecord, key: number): void {
    switch (record.event) {
      case MEM_PAGE_GRANT_MAP:
        this.#domains.mapped(record, record.word(0), this.#vcpuOf(key));
        this.moments.happened();
        break;
      case MEM_PAGE_GRANT_UNMAP:
        this.#domains.unmapped(record, record.word(0), this.#vcpuOf(key));
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
      this.#domains.added(record, d.domain, this.#vcpuOf(key));
    } else if (record.event === DOM0_DOM_REM) {
      this.moments.ended(d.domain, d.unmaps);
      this.#domains.removed(record, d.domain);
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
