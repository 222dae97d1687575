/**
 * What mutation runs have of the suite: a few random hosts and their updates,
 * in small tests, so that a mutant that breaks one is done with early.
 */
import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { NOTHING_MET, type Property } from '../../properties/suite/property.ts';
import { roundTrip } from '../../properties/suite/round-trip.ts';
import { defaultDesign } from '../../src/design/design.ts';

/** Hosts of one test, and tests. */
const HOSTS = 8;
const SEEDS = [1, 2, 3, 4];

const p: Property = roundTrip;

test.each(SEEDS)('random hosts of seed %i come out of an update as they went in', (seed) => {
  let evidence = NOTHING_MET;
  for (const value of fc.sample(p.arbitrary, { seed, numRuns: HOSTS })) {
    const verdict = p.check(value, defaultDesign);
    expect(isLeft(verdict) ? verdict.left.what : []).toEqual([]);
    if (!isLeft(verdict)) evidence = verdict.right;
  }
  expect(Object.keys(evidence.met).length).toBeGreaterThan(0);
});
