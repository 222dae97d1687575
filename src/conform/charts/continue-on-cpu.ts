/**
 * What records mean to the chart of continue_hypercall_on_cpu: a vCPU that its
 * own sysctl or platform op puts to sleep waits for a tasklet on another CPU
 * (F3.12), and when it runs again the tasklet has run.
 */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { CONTINUES } from '../calls.ts';
import { type Answers, type Choice, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import { HARDWARE_DOMAIN, type VcpuKnown } from '../known.ts';
import { NO, YES } from '../tri.ts';
import { Bound } from './bound.ts';
import { ANYWHERE } from './interned.ts';

const SURELY = ['sysctl.cpu_hotplug'];
const PERHAPS = [SILENCE, ...SURELY];
const RUNS: Choice = [SILENCE, 'tasklet.run'];

/** A tasklet works for it. */
const PENDING: Answers = { id: -2, says: { none: NO } };
/** It runs: so none does (F3.13). */
const NONE: Answers = { id: -3, says: { none: YES, queued: NO, running: NO } };

export class ContinueOnCpuChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('continue-on-cpu', charts, judge);
  }

  /** Its own call puts it to sleep; `caps`: the scheduler may as well do so. */
  slept(record: TraceRecord, v: VcpuKnown, caps: boolean): void {
    const doing = { record, whose: v.name, did: 'is put to sleep by its own call' };
    // It executes: so nothing of an earlier call is pending.
    const from = v.elsewhere ?? this.bound.start(NONE);
    // A crash of the hardware domain would be the end of the trace.
    const surely = v.domain === HARDWARE_DOMAIN && CONTINUES.has(v.call) && !caps;
    v.elsewhere = surely
      ? this.bound.step(doing, from, SURELY, PENDING)
      : this.bound.step(doing, from, PERHAPS, ANYWHERE);
  }

  /** It is found free. */
  free(record: TraceRecord, v: VcpuKnown): void {
    if (v.elsewhere === null) return;
    const doing = { record, whose: v.name, did: 'runs' };
    v.elsewhere = this.bound.step(doing, v.elsewhere, RUNS, NONE);
  }
}
