/**
 * AGR-1: charts and host tell the same. No invariant of `invariants/`, since
 * it is not asked of a host or of an update but of the machines: of every
 * state that any of them reaches, in every way of running them.
 */
import type { Agreement } from '../src/world/agree.ts';
import { claimText } from '../src/world/agree.ts';

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
