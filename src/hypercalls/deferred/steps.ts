/** What Xen put off, and preempted calls that it finishes itself (F3). Events by name, and what each does. */
import type { Bodies } from '../step.ts';
import { finish, type HypercallFinish } from './finish-hypercall.ts';
import { type RcuRun, runRcu, runTasklet, type TaskletRun } from './tasklet.ts';

export type DeferredEvent = TaskletRun | RcuRun | HypercallFinish;

export const deferredSteps: Bodies<DeferredEvent> = {
  'tasklet.run': runTasklet,
  'rcu.run': runRcu,
  'hypercall.finish': finish,
};
