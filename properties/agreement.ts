/**
 * AGR-1: charts and host tell the same. No invariant of `invariants/`, since
 * it is not asked of a host or of an update but of the machines: of every
 * state that any of them reaches, in every way of running them.
 */
import { type Agreement, claimText } from '../src/world/agree.ts';
import type { Judgement } from './registry.ts';

export const AGREEMENT = {
  id: 'AGR-1',
  title: 'Charts and host tell the same',
  says:
    'While a chart is in a state that says something of its domain, vCPU, port or page, ' +
    'the host says the same.',
  why:
    'An event that moves the thing is missing in its chart, or leads somewhere else than ' +
    'the chart says: then whoever reads the chart is told something wrong.',
  sources: ['F2', 'F3', 'F9'],
} as const;

/** What a composition that does not agree with its host has to say, a line each. */
export const disagreements = (agreement: Agreement): string[] => agreement.broken.map(claimText);

/** Most disagreements that a judgement lists. */
const MAX_LISTED = 20;

/** Gathers what the machines of one run said, step by step. */
export class AgreementWatch {
  #checked = 0;
  readonly #broken: string[] = [];
  #unlisted = 0;

  /** `when`: the event that led here. */
  see(when: string, agreement: Agreement): void {
    this.#checked += agreement.checked;
    for (const text of disagreements(agreement))
      if (this.#broken.length < MAX_LISTED) this.#broken.push(`after ${when}: ${text}`);
      else this.#unlisted++;
  }

  judgement(): Judgement {
    const { id, title } = AGREEMENT;
    const holds = this.#broken.length === 0;
    const more = this.#unlisted > 0 ? [`and ${this.#unlisted} more`] : [];
    return {
      ...{ id, title, holds, checked: this.#checked },
      ...(holds ? {} : { detail: [...this.#broken, ...more] }),
    };
  }
}
