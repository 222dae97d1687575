/**
 * Entries of the calls that dom0 makes for a program, domctl and sysctl: how
 * many are new, how many go on with one that was preempted, by the rule of
 * `xen/trace/reentry.ts`. Nothing of it is held against a chart, because the
 * rule is likely and not certain.
 */
import { type VcpuKey, vcpuName } from '../xen/trace/context.ts';
import { EntryTracks } from '../xen/trace/entry-tracks.ts';
import { hypercallOp } from '../xen/trace/events/hypercall.ts';
import { hypercallName } from '../xen/trace/hypercall-names.ts';
import type { TraceRecord } from '../xen/trace/record.ts';
import type { TscRate } from '../xen/trace/tsc-rate.ts';

/** One preempted call: between how many entries it takes. */
export interface EnteredCall {
  readonly vcpu: string;
  /** Byte offset of its first entry in the decompressed file. */
  readonly offset: number;
  readonly least: number;
  readonly most: number;
}

/** All entries of one hypercall by vCPUs that are known. */
export interface EntryCount {
  /** __HYPERVISOR_* number, and name. */
  readonly op: number;
  readonly name: string;
  readonly entries: number;
  readonly first: number;
  readonly reentered: number;
  /** Either of the two. */
  readonly unclear: number;
  /** The call with the most entries, if one has more than one. */
  readonly longest: EnteredCall | null;
}

interface Chain {
  readonly op: number;
  readonly offset: number;
  least: number;
  most: number;
}

class Count {
  entries = 0;
  first = 0;
  reentered = 0;
  unclear = 0;
  longest: EnteredCall | null = null;
}

/** Chains that are remembered: at most one for each vCPU. */
const MOST_CHAINS = 65_536;

/** Feed it each record, in order, after `rate` has seen it. */
export class Entries {
  readonly #tracks: EntryTracks;
  readonly #chains = new Map<VcpuKey, Chain>();
  readonly #counts = new Map<number, Count>();

  constructor(rate: TscRate) {
    this.#tracks = new EntryTracks(rate);
  }

  /** Takes a record that was written in the context of `executing`. */
  observe(record: TraceRecord, executing: VcpuKey): void {
    const verdict = this.#tracks.observe(record, executing);
    if (verdict === undefined) return;
    const op = hypercallOp(record);
    const count = this.#counts.get(op) ?? new Count();
    this.#counts.set(op, count);
    count.entries += 1;
    if (verdict === 'first') count.first += 1;
    else if (verdict === 'reentry') count.reentered += 1;
    else count.unclear += 1;
    const before = this.#chains.get(executing);
    const goesOn = verdict !== 'first' && before?.op === op;
    const chain = goesOn ? before : { op, offset: record.offset, least: 1, most: 1 };
    if (goesOn) {
      chain.most += 1;
      if (verdict === 'reentry') chain.least += 1;
      if (chain.most > (count.longest?.most ?? 1)) {
        const { offset, least, most } = chain;
        count.longest = { vcpu: vcpuName(executing), offset, least, most };
      }
    } else if (this.#chains.size >= MOST_CHAINS) this.#chains.clear();
    this.#chains.set(executing, chain);
  }

  /** By the number of the call, ascending. */
  get counts(): readonly EntryCount[] {
    return [...this.#counts]
      .sort(([a], [b]) => a - b)
      .map(([op, { entries, first, reentered, unclear, longest }]) => ({
        op,
        name: hypercallName(op),
        entries,
        first,
        reentered,
        unclear,
        longest,
      }));
  }
}
