/**
 * Mutants against the suite: the museum's kills come from searches of scopes
 * that were chosen for the mutant; here random hosts are tried until one of
 * them breaks something, as they would meet a bug that nobody has thought of.
 */
import type { RandomKill, UpdateMachine } from '../../properties/mutant.ts';
import { abort } from '../../properties/suite/abort.ts';
import { commands } from '../../properties/suite/commands.ts';
import { damage } from '../../properties/suite/damage.ts';
import { afterHistory } from '../../properties/suite/history.ts';
import { order } from '../../properties/suite/order.ts';
import type { Property } from '../../properties/suite/property.ts';
import { roundTrip } from '../../properties/suite/round-trip.ts';
import { transparency } from '../../properties/suite/transparency.ts';
import { tryProperty } from '../../properties/suite/try.ts';
import type { Design } from '../design/design.ts';

/** Cases of each property that a mutant is tried on: some seconds for one that lives. */
const CASES: readonly (readonly [Property, number])[] = [
  [roundTrip, 80],
  [abort, 40],
  [damage, 20],
  [afterHistory, 40],
  [order, 10],
  [commands, 10],
  [transparency, 20],
];
/** Properties that do not run the machine that they are given. */
const OWN_MACHINE: readonly Property[] = [order, commands, transparency];

/** The first random case in which something breaks; null: none within the budget. */
export const randomKill = (
  design: Design,
  seed: number,
  machine?: UpdateMachine,
): RandomKill | null => {
  for (const [p, runs] of CASES) {
    if (machine !== undefined && OWN_MACHINE.includes(p)) continue;
    const tried = tryProperty(p, {
      ...{ design, seed, runs, endOnFailure: true },
      ...(machine === undefined ? {} : { machine }),
    });
    if (tried.holds) continue;
    const { path, runs: cases, violation } = tried;
    return { property: p.id, seed: tried.seed, path, cases, killedBy: violation.invariants };
  }
  return null;
};
