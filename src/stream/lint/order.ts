/** Which record may follow which: `needs`, `notAfter`, `once`, `forgets`. */
import { hex } from '../framing/errors.ts';
import type { RecordHeader } from '../framing/record.ts';
import type { Finding } from './finding.ts';
import type { OpenFormat, RecordRule } from './format.ts';

/** Remembers what one layer has shown so far. */
export class OrderTracker {
  readonly #format: OpenFormat;
  readonly #ever = new Set<number>();
  readonly #current = new Set<number>();
  /** Records that are missing and were missed once: all that need them would say the same. */
  readonly #told = new Set<number>();

  constructor(format: OpenFormat) {
    this.#format = format;
  }

  /** Judges a record's place, then counts it as seen. */
  see(header: RecordHeader, rule: RecordRule): readonly Finding[] {
    const seen = this.#current;
    const findings: Finding[] = [];
    const wrong = (message: string) =>
      findings.push({
        severity: 'error',
        offset: header.offset,
        rule: rule.orderFact ?? 'F10.5',
        message,
      });
    for (const type of rule.needs ?? []) {
      if (seen.has(type) || this.#told.has(type)) continue;
      this.#told.add(type);
      wrong(`${rule.name} without ${this.#nameOf(type)} before it`);
    }
    for (const type of rule.notAfter ?? []) {
      if (seen.has(type)) wrong(`${rule.name} after ${this.#nameOf(type)}`);
    }
    if (rule.once === true && seen.has(header.type)) wrong(`a second ${rule.name}`);
    for (const type of rule.forgets ?? []) {
      seen.delete(type);
      this.#told.delete(type);
    }
    seen.add(header.type);
    this.#ever.add(header.type);
    return findings;
  }

  /** What the layer should have had by its end, which is at `offset`. */
  missing(offset: number): readonly Finding[] {
    return this.#format.required
      .filter((type) => !this.#ever.has(type) && !this.#told.has(type))
      .map((type) => ({
        severity: 'error' as const,
        offset,
        rule: 'F10.5',
        message: `the stream has no ${this.#nameOf(type)}`,
      }));
  }

  #nameOf(type: number): string {
    return this.#format.records.get(type)?.name ?? `record ${hex(type)}`;
  }
}
