/**
 * What is known of the whole host and of each CPU: nothing at the start, and
 * nothing again where records were lost.
 */
import { UNKNOWN_VCPU, type VcpuKey } from '../xen/trace/context.ts';
import type { Holds } from './holds.ts';
import { DomainKnown, VcpuKnown } from './known.ts';
import { UNKNOWN } from './tri.ts';

/** A domain that a call has put to sleep, and what can be behind it. */
export interface Asleep {
  readonly vcpu: VcpuKnown;
  readonly domain: DomainKnown;
  /** Bits of HOLD. */
  readonly kinds: number;
  /** Nothing held the vCPU before. */
  readonly wasFree: boolean;
  /** It is its own SCHEDOP_shutdown. */
  readonly shutsDown: boolean;
  /** Its place among all SLEEPs of the trace. */
  readonly place: number;
}

/** A vCPU that a call has put to sleep, and what it did with it since. */
export interface Sleeper {
  readonly vcpu: VcpuKnown;
  /** What may have held it before. */
  readonly before: Holds;
  /** It was offline, and the call is known to be one domctl: what wakes it is this call. */
  readonly alone: boolean;
  /** WAKEs of it in the same call. */
  wakes: number;
}

/** One CPU, as its own records tell. */
export class CpuKnown {
  /** Grows whenever Xen is surely done with what it did before: an entry, a switch, a decision. */
  stage = 0;
  /** Grows with each hypercall entry and each switch: what is in between is one call's work. */
  session = 0;
  /** Switches from one vCPU to another. */
  switches = 0;
  /** Was the beginning of a session seen here since everything was unknown? */
  begun = false;
  /** Was a record of TRC_SCHED_VERBOSE seen here since everything was unknown? */
  verbose = false;
  /** Was a runstate change seen here since everything was unknown? */
  runstates = false;
  /** Domain that is being created in this session, or -1. */
  creating = UNKNOWN;
  /** vCPU that asked for a shutdown in this session. */
  shutting: VcpuKnown | null = null;
  /** Running vCPUs that a domctl in this session waits for (vcpu_sleep_sync). */
  readonly awaited: VcpuKnown[] = [];
  /** Domains of which a vCPU was put to sleep in this session. */
  readonly asleep: Asleep[] = [];
  /** vCPUs that were put to sleep in this session. */
  readonly sleepers: Sleeper[] = [];
  /** Event and time of the last record with a TSC. */
  lastEvent = UNKNOWN;
  lastHi = 0;
  lastLo = 0;
  /** vCPUs that went offline here for no known reason. */
  readonly unexplained: VcpuKnown[] = [];

  /** A session is over. */
  renew(): void {
    this.begun = true;
    this.stage += 1;
    this.session += 1;
    this.creating = UNKNOWN;
    this.shutting = null;
    if (this.awaited.length > 0) this.awaited.length = 0;
    if (this.asleep.length > 0) this.asleep.length = 0;
    if (this.sleepers.length > 0) this.sleepers.length = 0;
  }

  forget(): void {
    this.renew();
    this.begun = false;
    this.verbose = false;
    this.runstates = false;
    this.unexplained.length = 0;
  }
}

/** vCPUs that are remembered, which bounds memory whatever a file says. */
const MOST_VCPUS = 262_144;

/** All of it. Domains that are gone and freed are forgotten but for their number. */
export class HostKnown {
  readonly #domains = new Map<number, DomainKnown>();
  readonly #vcpus = new Map<VcpuKey, VcpuKnown>();
  readonly #cpus: CpuKnown[] = [];
  /** Domains that RCU has yet to free, of all ids; and whether there may be more. */
  waiting = 0;
  waitingUnknown = true;
  /** Is the scheduler seen to be credit, which puts vCPUs to sleep itself, for its caps? */
  credit = false;
  /** SLEEPs that were recorded. */
  sleeps = 0;
  /** Where the chart of RCU may stand; null: not looked at yet. */
  rcu: number | null = null;

  domain(domain: number): DomainKnown {
    const known = this.#domains.get(domain);
    if (known !== undefined) return known;
    const fresh = new DomainKnown(domain);
    this.#domains.set(domain, fresh);
    return fresh;
  }

  vcpu(key: VcpuKey): VcpuKnown {
    const known = this.#vcpus.get(key);
    if (known !== undefined) return known;
    if (this.#vcpus.size >= MOST_VCPUS) this.#drop();
    const fresh = new VcpuKnown(key);
    this.#vcpus.set(key, fresh);
    if (!fresh.idle) {
      const d = this.domain(fresh.domain);
      d.vcpus.set(fresh.vcpu, fresh);
      if (d.born) fresh.bear();
    }
    return fresh;
  }

  /** The vCPU in whose context a record was written; undefined: not known. */
  executing(key: VcpuKey): VcpuKnown | undefined {
    return key === UNKNOWN_VCPU ? undefined : this.vcpu(key);
  }

  cpu(cpu: number): CpuKnown {
    const known = this.#cpus[cpu];
    if (known !== undefined) return known;
    const fresh = new CpuKnown();
    this.#cpus[cpu] = fresh;
    return fresh;
  }

  /** The CPUs of which a record was seen. */
  get cpus(): readonly CpuKnown[] {
    return this.#cpus.filter((cpu) => cpu !== undefined);
  }

  get domains(): Iterable<DomainKnown> {
    return this.#domains.values();
  }

  /** Ids of all domains that a record has named, ascending. */
  get domainIds(): readonly number[] {
    return [...this.#domains.keys()].sort((a, b) => a - b);
  }

  /** A vCPU that was offline for no known reason is woken: it was moved to another CPU. */
  explain(v: VcpuKnown): void {
    v.unexplained = false;
    if (v.wakeByCpu === UNKNOWN) return;
    const list = this.cpu(v.wakeByCpu).unexplained;
    const at = list.indexOf(v);
    if (at >= 0) list.splice(at, 1);
    v.wakeByCpu = UNKNOWN;
  }

  /** Forgets the vCPUs of a domain that begins or ends. */
  dropVcpus(d: DomainKnown): void {
    for (const v of d.vcpus.values()) this.#vcpus.delete(v.key);
    d.vcpus.clear();
  }

  /** Lets go of all vCPUs, as if records were lost: no host has so many. */
  #drop(): void {
    this.forget();
    this.#vcpus.clear();
    this.#domains.clear();
  }

  /** Forgets everything but the names: records are missing. */
  forget(): void {
    for (const d of this.#domains.values()) d.forget();
    for (const v of this.#vcpus.values()) v.forget();
    for (const cpu of this.#cpus) cpu?.forget();
    this.waiting = 0;
    this.waitingUnknown = true;
    this.rcu = null;
  }
}
