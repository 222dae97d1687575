/** Recordings for tests, made once in each file that asks. */

import { liveUpdate } from '../../machines/live-update.ts';
import { record } from '../../src/inspect/record.ts';
import type { Recording } from '../../src/inspect/recording/recording.ts';
import { layOut } from '../../src/report/chart-layout.ts';
import { chartModel } from '../../src/report/chart-model.ts';

/** The update's chart alone: laying out all of them takes longer than any test. */
const charts = layOut(chartModel(liveUpdate)).then((chart) => [chart]);

const made = new Map<string, Promise<Recording>>();

/** @throws Error where nothing of that name can be recorded: the test is wrong. */
export const recordingOf = (name: string): Promise<Recording> => {
  const known = made.get(name);
  if (known !== undefined) return known;
  const making = charts
    .then((drawn) => record(name, { charts: drawn }))
    .then((r) => {
      if (r._tag === 'Left') throw new Error(JSON.stringify(r.left));
      return r.right;
    });
  made.set(name, making);
  return making;
};
