/** The suite: every property of random hosts and histories, for tests and campaigns alike. */

import { afterHistory } from './history.ts';
import type { Property } from './property.ts';
import { roundTrip } from './round-trip.ts';

export const SUITE: readonly Property[] = [roundTrip, afterHistory];
