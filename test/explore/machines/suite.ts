/** Small machines that together use every construct the explorer takes. */
import { contexts } from './contexts.ts';
import type { Example } from './example.ts';
import { guards } from './guards.ts';
import { states } from './states.ts';
import { steps } from './steps.ts';
import { eventsOf, regions, tableEventsOf, tables } from './two-phase.ts';

export const suite: readonly Example[] = [
  ...states,
  ...steps,
  ...guards,
  ...contexts,
  { name: 'two-phase commit in regions, N = 3', machine: regions(3), events: eventsOf(3) },
  {
    name: 'two-phase commit in arrays, N = 3',
    machine: tables(3) as never,
    events: tableEventsOf(3),
  },
];
