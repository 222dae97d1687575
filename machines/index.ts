/** Every machine of the model by its name: to be listed, drawn, animated and explored. */
import type { AnyStateMachine } from 'xstate';
import { CHARTS } from './charts.ts';
import { liveUpdate } from './live-update.ts';

export const MACHINES: Readonly<Record<string, AnyStateMachine>> = {
  'live-update': liveUpdate,
  ...Object.fromEntries(CHARTS.map((c) => [c.name, c.machine])),
};
