/** From what was asked for to its recording: what `inspect` and `report` have in common. */
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { loadInvariants } from '../../properties/registry.ts';
import type { BadInput } from '../check/result.ts';
import type { LaidOutChart } from '../report/chart-drawing.ts';
import { allCharts } from './charts.ts';
import { recordTrace } from './recording/record-trace.ts';
import type { Recording } from './recording/recording.ts';
import { findSubject } from './subjects/find-subject.ts';
import type { SubjectOptions } from './subjects/subject.ts';

/** Left: nothing of that name, or it cannot be read. `charts`: what is drawn; all of them if absent. */
export const record = async (
  name: string | undefined,
  options: SubjectOptions & { readonly charts?: readonly LaidOutChart[] } = {},
): Promise<Either<BadInput, Recording>> => {
  const subject = await findSubject(name, options);
  if (isLeft(subject)) return subject;
  const { onProgress } = options;
  return right(
    recordTrace({
      ...subject.right,
      invariants: await loadInvariants(),
      charts: options.charts ?? (await allCharts(onProgress)),
      ...(onProgress === undefined ? {} : { onProgress }),
    }),
  );
};
