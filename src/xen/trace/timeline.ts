/**
 * The summary of a trace by domain. Feed it every record, in order; it keeps
 * one entry per domain life and nothing per record.
 */
import { ExecutingContext, IDLE_DOMAIN, keyDomain, UNKNOWN_VCPU, type VcpuKey } from './context.ts';
import {
  callOf,
  countIn,
  countName,
  type DomainLife,
  decreasedBy,
  type Moment,
  mapperOf,
  tallied,
} from './domain-life.ts';
import { DomainLives } from './domain-lives.ts';
import { EntryTracks } from './entry-tracks.ts';
import {
  DOM0_DOM_ADD,
  DOM0_DOM_REM,
  MEM_DECREASE_RESERVATION,
  MEM_PAGE_GRANT_MAP,
  MEM_PAGE_GRANT_TRANSFER,
  MEM_PAGE_GRANT_UNMAP,
  MEM_SET_P2M_ENTRY,
} from './events/domains.ts';
import { HVM_VMMCALL } from './events/hvm.ts';
import { hypercallOp, PV_HYPERCALL, PV_HYPERCALL_SUBCALL } from './events/hypercall.ts';
import { isRunstateChange, newState, oldState } from './events/runstate.ts';
import {
  SCHED_DOM_ADD,
  SCHED_DOM_REM,
  SCHED_SHUTDOWN,
  SCHED_SHUTDOWN_CODE,
  SCHED_SLEEP,
  SCHED_WAKE,
} from './events/sched.ts';
import { LOST_RECORDS } from './header.ts';
import { type TraceRecord, tscOf } from './record.ts';
import type { EntryVerdict } from './reentry.ts';
import { TscRate } from './tsc-rate.ts';
import { differenceOf, type U64 } from './u64.ts';

/** Records of one CPU that Xen had no room for. */
export interface Loss {
  readonly cpu: number;
  readonly count: number;
  readonly at: Moment;
}

/** A trace by domain. Plain data: fit for JSON. */
export interface TraceTimeline {
  /** From the first to the last record, in TSC cycles. */
  readonly cycles: number;
  /** TSC cycles per microsecond as the trace's own run times tell, or `null`. */
  readonly cyclesPerUs: number | null;
  /** In the order in which the trace first names them; an id may have several lives. */
  readonly domains: readonly DomainLife[];
  /** Hypercall entries on CPUs whose vCPU was not known. */
  readonly unattributed: Readonly<Record<string, number>>;
  /** All records lost, and the first hundred places where some were. */
  readonly lost: { readonly records: number; readonly first: readonly Loss[] };
  /** See `ExecutingContext.contradictions`. */
  readonly contradictions: number;
  /** Domain lives beyond the bound of 65536, which are left out. */
  readonly livesLeftOut: number;
}

const LOSSES_SHOWN = 100;
const OFFLINE = 3;
const RUNNING = 0;

export class TimelineBuilder {
  readonly #context = new ExecutingContext();
  readonly #rate = new TscRate();
  readonly #entries = new EntryTracks(this.#rate);
  readonly #lives = new DomainLives();
  readonly #unattributed = new Map<number, number>();
  readonly #losses: Loss[] = [];
  #lostRecords = 0;
  #start: U64 | undefined;
  #endHi = 0;
  #endLo = 0;

  observe(record: TraceRecord): void {
    if (this.#start === undefined) this.#start = tscOf(record);
    this.#endHi = record.tscHi;
    this.#endLo = record.tscLo;
    this.#rate.observe(record);
    const executing = this.#context.observe(record);
    const verdict = this.#entries.observe(record, executing);
    const trace = record.event >>> 16;
    if (trace === 0x20) this.#observePv(record, executing, verdict);
    else if (trace === 0x02) this.#observeSched(record);
    else if (trace === 0x10) this.#observeMemory(record, executing);
    else if (trace === 0x04) this.#observeDomain(record);
    else if (record.event === HVM_VMMCALL) this.#countCall(executing, record.word(0), undefined);
    else if (record.event === LOST_RECORDS) this.#observeLoss(record);
  }

  /** The summary of what was observed so far. */
  get timeline(): TraceTimeline {
    const end = { hi: this.#endHi, lo: this.#endLo };
    return {
      cycles: this.#start === undefined ? 0 : differenceOf(end, this.#start),
      cyclesPerUs: this.#rate.cyclesPerUs ?? null,
      domains: this.#lives.finished,
      unattributed: Object.fromEntries(
        [...this.#unattributed]
          .sort(([a], [b]) => a - b)
          .map(([op, count]) => [countName(op), count]),
      ),
      lost: { records: this.#lostRecords, first: [...this.#losses] },
      contradictions: this.#context.contradictions,
      livesLeftOut: this.#lives.leftOut,
    };
  }

  #momentOf(record: TraceRecord): Moment {
    const at = tscOf(record);
    return { cycles: differenceOf(at, this.#start ?? at), offset: record.offset };
  }

  #observePv(record: TraceRecord, executing: VcpuKey, verdict: EntryVerdict | undefined): void {
    if (record.event === PV_HYPERCALL) {
      this.#countCall(executing, hypercallOp(record), verdict);
    } else if (record.event === PV_HYPERCALL_SUBCALL && executing !== UNKNOWN_VCPU) {
      countIn(this.#lives.of(keyDomain(executing)).subcalls, hypercallOp(record));
    }
  }

  #countCall(executing: VcpuKey, op: number, verdict: EntryVerdict | undefined): void {
    if (executing === UNKNOWN_VCPU) {
      countIn(this.#unattributed, op);
      return;
    }
    const count = callOf(this.#lives.of(keyDomain(executing)), op);
    count.entries += 1;
    if (verdict === 'reentry') count.reentries += 1;
    else if (verdict === 'unclear') count.unclear += 1;
  }

  #observeSched(record: TraceRecord): void {
    const { event } = record;
    if (isRunstateChange(event)) {
      this.#observeRunstate(record);
      return;
    }
    const domain = record.word(0);
    if (event === SCHED_DOM_ADD) this.#lives.of(domain).scheduled ??= this.#momentOf(record);
    else if (event === SCHED_DOM_REM) this.#lives.freed(domain, this.#momentOf(record));
    else if (event === SCHED_SLEEP) {
      const life = this.#lives.of(domain);
      life.sleeps = tallied(life.sleeps, this.#momentOf(record));
    } else if (event === SCHED_WAKE) {
      const life = this.#lives.of(domain);
      life.wakes = tallied(life.wakes, this.#momentOf(record));
    } else if (event === SCHED_SHUTDOWN || event === SCHED_SHUTDOWN_CODE) {
      const [vcpu, reason] = [record.word(1), record.word(2)];
      this.#lives.of(domain).shutdown ??= { ...this.#momentOf(record), reason, vcpu };
    }
  }

  #observeRunstate(record: TraceRecord): void {
    const domain = keyDomain(record.word(0));
    if (domain === IDLE_DOMAIN) return;
    const [from, to] = [oldState(record.event), newState(record.event)];
    const life = this.#lives.of(domain);
    if (to === RUNNING && life.firstRun === null) life.firstRun = this.#momentOf(record);
    if (to === OFFLINE && from !== OFFLINE) {
      life.offline = tallied(life.offline, this.#momentOf(record));
    } else if (from === OFFLINE && to !== OFFLINE) {
      life.online = tallied(life.online, this.#momentOf(record));
    }
  }

  #observeMemory(record: TraceRecord, executing: VcpuKey): void {
    const mapper = executing === UNKNOWN_VCPU ? UNKNOWN_VCPU : keyDomain(executing);
    switch (record.event) {
      case MEM_PAGE_GRANT_MAP:
        mapperOf(this.#lives.of(record.word(0)), mapper).maps += 1;
        break;
      case MEM_PAGE_GRANT_UNMAP:
        mapperOf(this.#lives.of(record.word(0)), mapper).unmaps += 1;
        break;
      case MEM_PAGE_GRANT_TRANSFER:
        this.#lives.of(record.word(0)).grantTransfers += 1;
        break;
      case MEM_SET_P2M_ENTRY:
        this.#lives.of(record.word(5) & 0xffff).p2mEntries += 1;
        break;
      case MEM_DECREASE_RESERVATION:
        decreasedBy(this.#lives.of(record.word(2) & 0xffff), record.word(2) >>> 16);
        break;
    }
  }

  #observeDomain(record: TraceRecord): void {
    const domain = record.word(0);
    if (record.event === DOM0_DOM_ADD) this.#lives.created(domain, this.#momentOf(record));
    else if (record.event === DOM0_DOM_REM) this.#lives.removed(domain, this.#momentOf(record));
  }

  #observeLoss(record: TraceRecord): void {
    const count = record.word(0);
    this.#lostRecords += count;
    if (this.#losses.length >= LOSSES_SHOWN) return;
    this.#losses.push({ cpu: record.cpu, count, at: this.#momentOf(record) });
  }
}
