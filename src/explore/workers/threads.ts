/** Hands that are worker threads. */
import { Worker } from 'node:worker_threads';
import type { Subject } from '../options.ts';
import { type Refusal, Unexplorable } from '../problem.ts';
import type { Chore, Hand, Hire, Share } from './hands.ts';
import type { Asked } from './join.ts';
import type { Answer, Order } from './member.ts';

/** What a worker thread is started with. */
export interface Errand {
  readonly share: Share;
  readonly subject: { readonly module: string; readonly name: string; readonly argument: unknown };
  readonly asked: Asked;
}

/** What it says: ready, an answer, or why it will not work. */
type Said = 'ready' | Answer | readonly number[] | { readonly refusal: Refusal };

const fileOf = (name: string) =>
  new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Starts threads that know no machine and work by the code they are sent. */
export const leanThreads: Hire = (share) =>
  hand(new Worker(fileOf('lean-thread'), { workerData: share }));

/** Starts threads that import the subject and ask the same of it. */
export function threads(subject: Subject, asked: Asked): Hire {
  const { module, name = 'subject', argument } = subject;
  return async (share: Share): Promise<Hand> => {
    const errand: Errand = {
      share,
      asked,
      subject: { module: String(module), name, argument },
    };
    return hand(new Worker(fileOf('thread'), { workerData: errand }));
  };
}

/** A worker as a hand, once it is ready. */
async function hand(worker: Worker): Promise<Hand> {
  const hear = (): Promise<Said> =>
    new Promise((resolve, reject) => {
      const settled = () => worker.off('message', heard).off('error', failed).off('exit', left);
      const heard = (said: Said) => {
        settled();
        resolve(said);
      };
      const failed = (problem: unknown) => {
        settled();
        reject(problem);
      };
      const left = (code: number) => failed(new Error(`exit status ${code}`));
      worker.on('message', heard).on('error', failed).on('exit', left);
    });
  const said = await hear();
  if (said !== 'ready') {
    void worker.terminate();
    throw 'refusal' in said && said.refusal !== undefined
      ? new Unexplorable(said.refusal.place, said.refusal.reason)
      : new Error('answered before it was asked');
  }
  const ask = async (asked: Order | Chore) => {
    const answer = hear();
    worker.postMessage(asked);
    return await answer;
  };
  return {
    work: async (order: Order) => (await ask(order)) as Answer,
    help: async (chore: Chore) => (await ask(chore)) as readonly number[],
    end: () => void worker.terminate(),
  };
}
