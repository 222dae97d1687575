/**
 * The whole host as one machine: the update leads, and a chart for each
 * domain, vCPU, port, ... of the scope runs beside it over the same world.
 * There is no second copy of any behaviour: the charts are those of this
 * folder, and what an event does is in `src/hypercalls` and `src/liveupdate`.
 */
import type { AnyStateMachine } from 'xstate';
import type { Host } from '../src/host/host.ts';
import type { AnyChart } from '../src/world/chart.ts';
import { compose, type Member } from '../src/world/compose.ts';
import { CHARTS } from './charts.ts';
import { liveUpdate } from './live-update.ts';

/** The members of a host: each chart once for each of its kind that is there at the start. */
export const membersOf = (host: Host, charts: readonly AnyChart[] = CHARTS): readonly Member[] =>
  charts.flatMap((chart) => chart.places(host).map((of) => ({ chart, of })));

/** Members for what is not there yet: the next domids that are free, and their vCPUs. */
export const membersToCome = (
  host: Host,
  charts: readonly AnyChart[] = CHARTS,
): readonly Member[] =>
  charts.flatMap((chart) => (chart.placesToCome?.(host) ?? []).map((of) => ({ chart, of })));

/** The composition; its input is the update that has not begun (`newUpdate`). */
export const hostMachine = (members: readonly Member[]): AnyStateMachine =>
  compose(liveUpdate, members);
