/** Every chart that runs beside the update, in the order of reports. */
import type { AnyChart } from '../src/world/chart.ts';
import continueOnCpu from './continue-on-cpu.ts';
import destroyDomain from './destroy-domain.ts';
import domain from './domain.ts';
import rcu from './rcu.ts';
import tasklet from './tasklet.ts';
import vcpu from './vcpu.ts';

export const CHARTS: readonly AnyChart[] = [
  domain,
  vcpu,
  destroyDomain,
  tasklet,
  continueOnCpu,
  rcu,
];
