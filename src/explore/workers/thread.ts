/** What runs in a worker thread: imports the machine, then expands states as told. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, Unexplorable } from '../problem.ts';
import { type Chore, done } from './hands.ts';
import { join } from './join.ts';
import type { Order } from './member.ts';
import type { Errand } from './threads.ts';

const port = parentPort;
if (port === null) throw new Error('runs in a worker thread only');

try {
  const { share, subject, asked } = workerData as Errand;
  const module = (await import(subject.module)) as Record<string, unknown>;
  const exported = module[subject.name];
  const given: unknown =
    typeof exported === 'function' ? await exported(subject.argument) : exported;
  const member = join(given, asked, share);
  port.on('message', (asked: Order | Chore) => port.postMessage(done(member, asked)));
  port.postMessage('ready');
} catch (problem) {
  const refusal =
    problem instanceof Unexplorable
      ? problem.refusal
      : { place: 'options.subject', reason: messageOf(problem) };
  port.postMessage({ refusal });
}
