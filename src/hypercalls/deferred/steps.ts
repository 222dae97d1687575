/** What Xen put off, and calls that are preempted (F3). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import {
  finish,
  type HypercallFinish,
  type HypercallReenter,
  reenter,
} from './finish-hypercall.ts';
import { type Multicall, multicall } from './multicall.ts';
import { type RcuRun, runRcu, runTasklet, type TaskletRun } from './tasklet.ts';

export type DeferredEvent = TaskletRun | RcuRun | HypercallFinish | HypercallReenter | Multicall;

export const deferredSteps: Bodies<DeferredEvent> = {
  'tasklet.run': runTasklet,
  'rcu.run': runRcu,
  'hypercall.finish': finish,
  'hypercall.reenter': reenter,
  multicall,
};
