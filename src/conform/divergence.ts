/** A record that no possibility of the model allows. */
import type { TraceRecord } from '../xen/trace/record.ts';
import { differenceOf, type U64 } from '../xen/trace/u64.ts';

export interface Divergence {
  /** Byte offset of the record in the decompressed file. */
  readonly offset: number;
  /** TSC cycles since the first record. */
  readonly cycles: number;
  readonly cpu: number;
  /** Whose: `d1`, `d1v0`. */
  readonly subject: string;
  /** What the model allowed at this point. */
  readonly allowed: string;
  /** What Xen did. */
  readonly did: string;
  /** Facts that say so. */
  readonly facts: readonly string[];
}

/** Takes the first divergence; the ones after it follow from it and are not looked for. */
export class Judge {
  first: Divergence | null = null;
  #start: U64 | undefined;

  /** Tells where time begins. */
  begin(at: U64): void {
    this.#start ??= at;
  }

  diverges(
    record: TraceRecord,
    subject: string,
    allowed: string,
    did: string,
    facts: readonly string[],
  ): void {
    if (this.first !== null) return;
    const at = { hi: record.tscHi, lo: record.tscLo };
    const cycles = differenceOf(at, this.#start ?? at);
    this.first = { offset: record.offset, cycles, cpu: record.cpu, subject, allowed, did, facts };
  }
}
