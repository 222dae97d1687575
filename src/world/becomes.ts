/** The actions by which charts change their world. */
import { assign } from 'xstate';
import type { ChartContext, Place } from './chart.ts';
import { afterOnce, type World, type WorldContext, type WorldEvent } from './world.ts';

/** An action that makes the world of the chart another one; pure, as every change is. */
export const becomes = (change: (world: World, event: WorldEvent) => World) =>
  assign<WorldContext, WorldEvent, undefined, WorldEvent, never>(({ context, event }) => ({
    world: change(context.world, event),
  }));

/**
 * `step` of every chart that stands alone: an event changes the world once,
 * however many regions it moves. Side by side, the live-update chart steps
 * for all.
 */
export const stepOf = <P extends Place>() =>
  assign<ChartContext<P>, WorldEvent, undefined, WorldEvent, never>(({ context, event }) => ({
    world: afterOnce(context.world, event),
  }));
