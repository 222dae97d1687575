/** From what was asked for to its recording: what `inspect` and `report` have in common. */
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { loadInvariants } from '../../properties/registry.ts';
import type { BadInput } from '../check/result.ts';
import type { LaidOutChart } from '../report/chart-drawing.ts';
import { allCharts } from './charts.ts';
import { recordTrace } from './recording/record-trace.ts';
import type { Recording } from './recording/recording.ts';
import { findSubject } from './subjects/find-subject.ts';
import type { Subject, SubjectOptions } from './subjects/subject.ts';

export interface RecordOptions extends SubjectOptions {
  /** What is drawn; every machine if absent. */
  readonly charts?: readonly LaidOutChart[];
}

/** The recording of a subject. */
export const recordSubject = async (
  subject: Subject,
  { charts, onProgress }: RecordOptions = {},
): Promise<Recording> =>
  recordTrace({
    ...subject,
    invariants: await loadInvariants(),
    charts: charts ?? (await allCharts(onProgress)),
    ...(onProgress === undefined ? {} : { onProgress }),
  });

/** The recording of whatever has this name; Left: there is nothing, or it cannot be read. */
export const record = async (
  name: string | undefined,
  options: RecordOptions = {},
): Promise<Either<BadInput, Recording>> => {
  const subject = await findSubject(name, options);
  return isLeft(subject) ? subject : right(await recordSubject(subject.right, options));
};
