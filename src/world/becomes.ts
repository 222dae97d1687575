/** The action by which charts change their world. */
import { assign } from 'xstate';
import type { World, WorldContext, WorldEvent } from './world.ts';

/** An action that makes the world of the chart another one; pure, as every change is. */
export const becomes = (change: (world: World, event: WorldEvent) => World) =>
  assign<WorldContext, WorldEvent, undefined, WorldEvent, never>(({ context, event }) => ({
    world: change(context.world, event),
  }));
