/** Every chart that runs beside the update, in the order of reports. */
import type { AnyChart } from '../src/world/chart.ts';
import rcu from './rcu.ts';

export const CHARTS: readonly AnyChart[] = [rcu];
