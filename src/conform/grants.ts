/** The mappings of domains' grants, counted by granter and mapper, against what the model allows. */
import type { TraceRecord } from '../xen/trace/record.ts';
import { grantOperation } from './calls.ts';
import type { Judge } from './divergence.ts';
import { ifDying } from './holds.ts';
import type { HostKnown } from './host-known.ts';
import { type DomainKnown, HARDWARE_DOMAIN, type VcpuKnown } from './known.ts';
import type { Machines } from './machines.ts';
import { YES } from './tri.ts';

export class Grants {
  readonly #host: HostKnown;
  readonly #judge: Judge;
  readonly #machines: Machines;

  constructor(host: HostKnown, judge: Judge, machines: Machines) {
    this.#host = host;
    this.#judge = judge;
    this.#machines = machines;
  }

  /** PAGE_GRANT_MAP of a grant of `d`, by whoever executes. */
  mapped(record: TraceRecord, d: DomainKnown, executing: VcpuKnown | undefined): void {
    this.#callFits(record, d, executing, true);
    d.mappedAtMost += 1;
    this.#machines.mapped(record, d, d.mappedAtMost === 1);
    if (executing === undefined) return;
    const by = executing.domain;
    d.mappedBy.set(by, (d.mappedBy.get(by) ?? 0) + 1);
  }

  /** PAGE_GRANT_UNMAP of a grant of `d`, by whoever executes. */
  unmapped(record: TraceRecord, d: DomainKnown, executing: VcpuKnown | undefined): void {
    this.#callFits(record, d, executing, false);
    if (d.mappedAtMost === 0) {
      this.#diverges(record, d, 'no grant of it is mapped', 'has a grant unmapped', ['F7.6']);
      return;
    }
    d.unmaps += 1;
    d.mappedAtMost -= 1;
    this.#machines.unmapped(record, d, d.mappedAtMost === 0);
    if (executing === undefined) {
      // It may be any mapper's.
      for (const [by, count] of d.mappedBy) d.mappedBy.set(by, Math.max(0, count - 1));
      return;
    }
    const count = d.mappedBy.get(executing.domain) ?? 0;
    if (count > 0) d.mappedBy.set(executing.domain, count - 1);
  }

  /** Mappings that are surely there. Those of a mapper that may be dying may be gone (F7.10). */
  mappedAtLeast(d: DomainKnown): number {
    let sum = 0;
    for (const [by, count] of d.mappedBy) if (!this.#mayDie(by)) sum += count;
    return Math.min(sum, d.mappedAtMost);
  }

  #mayDie(domain: number): boolean {
    if (domain === HARDWARE_DOMAIN) return false;
    const d = this.#host.domain(domain);
    if (d.exists !== YES && d.vcpus.size === 0) return true;
    for (const v of d.vcpus.values()) if (ifDying(v.holds) === 0) return false;
    return true;
  }

  /** A map or unmap happens in a call for it, at most as often as the call asked. */
  #callFits(
    record: TraceRecord,
    d: DomainKnown,
    executing: VcpuKnown | undefined,
    maps: boolean,
  ): void {
    if (executing === undefined) return;
    const misfit = executing.idle ? 'an idle vCPU makes no call' : grantOperation(executing, maps);
    if (misfit === null) return;
    this.#diverges(record, d, misfit, `a grant is ${maps ? 'mapped' : 'unmapped'}`, ['F7.5']);
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
