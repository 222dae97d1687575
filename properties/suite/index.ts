/** The suite: every property of random hosts and histories, for tests and campaigns alike. */

import { abort } from './abort.ts';
import { commands } from './commands.ts';
import { damage } from './damage.ts';
import { afterHistory } from './history.ts';
import { order } from './order.ts';
import type { Property } from './property.ts';
import { roundTrip } from './round-trip.ts';
import { transparency } from './transparency.ts';

export const SUITE: readonly Property[] = [
  roundTrip,
  afterHistory,
  commands,
  abort,
  order,
  transparency,
  damage,
];
