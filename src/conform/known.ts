/**
 * What is known of the host that a trace tells of: nothing at the start, and
 * nothing again where records were lost. -1 stands for "not known".
 */
import { IDLE_DOMAIN, keyDomain, keyVcpu, type VcpuKey, vcpuName } from '../xen/trace/context.ts';
import type { Possible } from './choice.ts';
import { ANY, type Holds, NEWBORN } from './holds.ts';
import { NO, type Tri, UNKNOWN, YES } from './tri.ts';

/** dom0, unless Xen was told otherwise. */
export const HARDWARE_DOMAIN = 0;

/** RUNSTATE_* of public/vcpu.h. */
export const RUNNING = 0;
export const RUNNABLE = 1;
export const BLOCKED = 2;
export const OFFLINE = 3;

/** One vCPU. */
export class VcpuKnown {
  readonly key: VcpuKey;
  readonly domain: number;
  readonly vcpu: number;
  readonly idle: boolean;
  /** Was it made within the trace? */
  newborn = false;
  /** RUNSTATE_*, or -1. */
  runstate = UNKNOWN;
  holds: Holds = ANY;
  /** CPU of the WAKE that is not over, and that CPU's stage then; -1: none. */
  wakeCpu = UNKNOWN;
  wakeStage = 0;
  /** A SLEEP came between that WAKE and what it does. */
  overtaken = false;
  /** CPU of the last SLEEP, and that CPU's stage and session then; -1: none seen. */
  sleepCpu = UNKNOWN;
  sleepStage = 0;
  sleepSession = 0;
  /** It was itself executing when it was put to sleep. */
  sleptItself = false;
  /** Times that the scheduler kept it running since it was put to sleep. */
  kept = 0;
  /** It went offline though nothing is known to hold it; the CPU and its switch by which it must wake. */
  unexplained = false;
  wakeBy = 0;
  wakeByCpu = UNKNOWN;
  offlineAt = 0;
  /** Where its chart may stand, and that of its calls on other CPUs; null: not looked at yet. */
  chart: Possible | null = null;
  elsewhere: Possible | null = null;
  /** SCHED_BLOCK since it runs. */
  asksToBlock: Tri = UNKNOWN;
  /** Number of the hypercall that it entered last, or -1. */
  call = UNKNOWN;
  /** Command of that sched_op, or -1. */
  schedCommand = UNKNOWN;
  /** Command of that grant_table_op, and how many of its operations are left; -1: not known. */
  grantCommand = UNKNOWN;
  grantsLeft = UNKNOWN;

  constructor(key: VcpuKey) {
    this.key = key;
    this.domain = keyDomain(key);
    this.vcpu = keyVcpu(key);
    this.idle = this.domain === IDLE_DOMAIN;
  }

  /** A vCPU of a domain that was created just now (F2.1). */
  bear(): void {
    this.newborn = true;
    this.runstate = OFFLINE;
    this.holds = NEWBORN;
  }

  /** Forgets everything: records are missing. */
  forget(): void {
    this.newborn = false;
    this.runstate = UNKNOWN;
    this.holds = ANY;
    this.wakeCpu = UNKNOWN;
    this.overtaken = false;
    this.sleepCpu = UNKNOWN;
    this.sleptItself = false;
    this.kept = 0;
    this.unexplained = false;
    this.asksToBlock = UNKNOWN;
    this.chart = null;
    this.elsewhere = null;
    this.call = UNKNOWN;
    this.schedCommand = UNKNOWN;
    this.grantCommand = UNKNOWN;
    this.grantsLeft = UNKNOWN;
  }

  get name(): string {
    return vcpuName(this.key);
  }
}

/** Where the charts of one domain may stand; null: not looked at yet. */
class DomainCharts {
  domain: Possible | null = null;
  destroy: Possible | null = null;
  /** Of its grants: one that is not mapped, and one that is. */
  unmapped: Possible | null = null;
  mapped: Possible | null = null;

  forget(): void {
    this.domain = null;
    this.destroy = null;
    this.unmapped = null;
    this.mapped = null;
  }
}

/** One domain id. */
export class DomainKnown {
  readonly domain: number;
  /** Is there a domain of this id, which nobody has seen the last reference of? */
  exists: Tri = UNKNOWN;
  /** Domains of this id whose last reference is dropped and which RCU has not freed yet. */
  waiting = 0;
  /** Since the trace began or records were lost, such domains may be there that nobody knows of. */
  waitingUnknown = true;
  /** Was it created within the trace, so that its vCPUs are known from the start? */
  born = false;
  /** Was it created just now, with nothing done to it since? */
  fresh = false;
  /** Has one of its vCPUs run, so that its creation is finished (F2.2)? */
  started = true;
  /** Did it store a shutdown code before shutting down (F2.27)? */
  coded: Tri = UNKNOWN;
  /** SHUTDOWN_* with which it shut down, or -1. */
  code = UNKNOWN;
  /** Was it alive for certain since the trace began, whatever it is now? */
  wasAlive = false;
  readonly charts = new DomainCharts();
  /** Is it a PV guest? */
  pv: Tri = UNKNOWN;
  /** Is it shutting down or shut down? */
  shut: Tri = UNKNOWN;
  readonly vcpus = new Map<number, VcpuKnown>();
  /** Most mappings of its grants that there can be. */
  mappedAtMost = Number.POSITIVE_INFINITY;
  /** Unmaps of its grants that were recorded. */
  unmaps = 0;
  /** Mappings of its grants that are known to be there, by the mapping domain. */
  readonly mappedBy = new Map<number, number>();

  constructor(domain: number) {
    this.domain = domain;
  }

  /** It was created just now. */
  bear(): void {
    this.exists = YES;
    // Xen gives ids away in turn: one that is given away was long free.
    this.waitingUnknown = false;
    this.born = true;
    this.fresh = true;
    this.wasAlive = true;
    this.started = false;
    this.coded = NO;
    this.code = UNKNOWN;
    this.pv = UNKNOWN;
    this.shut = NO;
    this.vcpus.clear();
    this.unmaps = 0;
    this.mappedAtMost = 0;
    this.mappedBy.clear();
  }

  /** Its last reference is dropped; the id is free. */
  die(): void {
    this.exists = NO;
    this.waiting += 1;
    this.mappedAtMost = 0;
    this.mappedBy.clear();
  }

  forget(): void {
    this.exists = UNKNOWN;
    this.waiting = 0;
    this.waitingUnknown = true;
    this.born = false;
    this.fresh = false;
    this.started = true;
    this.coded = UNKNOWN;
    this.code = UNKNOWN;
    this.wasAlive = false;
    this.charts.forget();
    this.pv = UNKNOWN;
    this.shut = UNKNOWN;
    this.unmaps = 0;
    this.mappedAtMost = Number.POSITIVE_INFINITY;
    this.mappedBy.clear();
    for (const v of this.vcpus.values()) v.forget();
  }
}
