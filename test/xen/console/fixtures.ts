/** The real captures, as lines. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Either } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import type { CaptureProblem, ConsoleReading, Place } from '../../../src/xen/capture/reading.ts';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/real-xen/', import.meta.url));

export const textOf = (name: string): string => readFileSync(`${FIXTURES}${name}`, 'latin1');
export const linesOf = (name: string): string[] => textOf(name).split('\n');

export const mustRead = (
  result: Either<readonly CaptureProblem[], ConsoleReading>,
): ConsoleReading => {
  if (result._tag === 'Left') expect.fail(JSON.stringify(result.left, undefined, 1));
  return result.right;
};

export const mustRefuse = (
  result: Either<readonly CaptureProblem[], ConsoleReading>,
): readonly CaptureProblem[] => {
  if (result._tag === 'Right') expect.fail('the console was read');
  expect(result.left.length).toBeGreaterThan(0);
  return result.left;
};

const isPlace = (value: object): value is Place => 'file' in value && 'line' in value;

/** A reading without places, repairs and the like: what it says only. */
export const factsOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(factsOf);
  if (typeof value !== 'object' || value === null) return value;
  const dropped = ['repairs', 'skippedLines', 'sources', 'damaged', 'contradictions', 'version'];
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key]) => !dropped.includes(key) && !(isPlace(value) && ['file', 'line'].includes(key)),
      )
      .map(([key, inner]) => [key, factsOf(inner)]),
  );
};
