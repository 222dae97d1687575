/** Runs the batches of a campaign one after the other until time is up or somebody stops it. */
import type { Property } from '../../../properties/suite/property.ts';
import {
  type BatchName,
  batchesOf,
  CASES_OF_A_BATCH,
  nameOf,
  type Shard,
} from '../../campaign/batch.ts';
import { linesOf, merge, type Results, resultsOf } from '../../campaign/results.ts';
import { addBatch, addTrace } from '../../campaign/store.ts';
import { tryBatch } from '../../campaign/try-batch.ts';

export interface CampaignRequest {
  readonly properties: readonly Property[];
  readonly seed: number;
  readonly shard: Shard;
  /** What is there already: those batches are not done again. */
  readonly known: Results;
  readonly folder: string;
  /** Milliseconds that it may take; it stops behind the batch in which they end. */
  readonly milliseconds: number;
  /** Batches that it may do. */
  readonly batches: number;
  readonly clock: () => number;
  readonly onProgress: (what: string) => void;
}

export interface CampaignRun {
  readonly results: Results;
  readonly interrupted: boolean;
  /** Why results could not be written; null: they are. */
  readonly failed: string | null;
}

/** Lets signals in: a batch runs without a pause. */
const breathe = (): Promise<void> => new Promise((go) => setImmediate(go));

/** The first Ctrl-C ends it behind the batch under way; the second ends the program. */
const watchForInterrupt = (): { readonly came: () => boolean; readonly done: () => void } => {
  let came = false;
  const note = (): void => {
    came = true;
  };
  process.once('SIGINT', note);
  process.once('SIGTERM', note);
  return {
    came: () => came,
    done: () => {
      process.off('SIGINT', note);
      process.off('SIGTERM', note);
    },
  };
};

const say = (name: BatchName, done: number, spent: number, whole: number): string =>
  `${name.property}: ${done * CASES_OF_A_BATCH} cases, ` +
  (Number.isFinite(whole) ? `${Math.floor((100 * spent) / whole)} %` : 'until all are done');

export const runCampaign = async (r: CampaignRequest): Promise<CampaignRun> => {
  const known = new Set([...r.known.values()].map(nameOf));
  const byId = new Map(r.properties.map((p) => [p.id, p]));
  const start = r.clock();
  const interrupt = watchForInterrupt();
  let results = r.known;
  let failed: string | null = null;
  let done = 0;
  for (const name of batchesOf(r.seed, [...byId.keys()], r.shard)) {
    await breathe();
    const spent = r.clock() - start;
    if (interrupt.came() || spent >= r.milliseconds || done >= r.batches) break;
    if (known.has(nameOf(name))) continue;
    r.onProgress(say(name, done, spent, r.milliseconds));
    const { batch, trace } = tryBatch(byId.get(name.property) as Property, name);
    const one = resultsOf([batch]);
    // The trace first: who reads the line finds its file.
    failed = trace === null ? null : addTrace(r.folder, batch, trace);
    failed ??= addBatch(r.folder, linesOf(one)[0] as string);
    if (failed !== null) break;
    results = merge(results, one);
    done++;
  }
  interrupt.done();
  return { results, interrupted: interrupt.came(), failed };
};
