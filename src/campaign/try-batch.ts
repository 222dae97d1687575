/** Tries one batch: random cases of a property, until the first that violates it. */
import type { Property } from '../../properties/suite/property.ts';
import { tryProperty } from '../../properties/suite/try.ts';
import { defaultDesign } from '../design/design.ts';
import type { Trace } from '../trace/trace-file.ts';
import { type Batch, type BatchName, CASES_OF_A_BATCH, caseSeedOf } from './batch.ts';

export interface TriedBatch {
  readonly batch: Batch;
  /** A run that shows the violation; null: there is none, or it is no single run. */
  readonly trace: Trace | null;
}

export const tryBatch = (p: Property, name: BatchName, cases = CASES_OF_A_BATCH): TriedBatch => {
  const caseSeed = caseSeedOf(name);
  const tried = tryProperty(p, { design: defaultDesign, seed: caseSeed, runs: cases });
  const own = { ...name, caseSeed, runs: tried.runs };
  if (tried.holds) return { batch: { ...own, ...tried.evidence, failure: null }, trace: null };
  const { violation, described, path } = tried;
  const found = { property: p.id, seed: caseSeed, path };
  return {
    batch: {
      ...own,
      checked: {},
      met: {},
      failure: {
        invariants: [...violation.invariants],
        what: [...violation.what],
        described: [...described],
        path,
      },
    },
    trace: violation.trace === null ? null : { ...violation.trace, found },
  };
};
