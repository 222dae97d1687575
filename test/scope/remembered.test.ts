import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Packed } from '../../src/scope/packed-world.ts';
import { Remembered } from '../../src/scope/remembered.ts';

const FIELDS = ['a', 'b', 'c', 'd'] as const;
const record = fc.record({
  a: fc.integer({ min: 0, max: 2 }),
  b: fc.constantFrom('x', 'y', null),
  c: fc.boolean(),
  d: fc.constantFrom(0, -0, undefined),
});

/** What it reads next hangs on what it found, from a program that stands for any function. */
const runOf = (program: readonly number[]) => (at: Packed) => {
  const seen: unknown[] = [];
  let next = 0;
  for (const step of program) {
    const field = FIELDS[(next + step) % FIELDS.length] as string;
    const value = at[field];
    seen.push(field, Object.is(value, -0) ? 'minus zero' : value);
    next = typeof value === 'number' ? value : value === true ? 1 : value === 'x' ? 2 : 0;
  }
  return seen.join();
};

test('a function gives what it always gave, and runs once for each case', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { maxLength: 5 }),
      fc.array(record, { minLength: 1, maxLength: 60 }),
      (program, records) => {
        const run = runOf(program);
        const noted = new Set<string>();
        const cases = new Remembered<string>((field) => noted.add(field));
        const runs: string[] = [];
        for (const one of records) {
          const found = cases.of(one, (at) => {
            const out = run(at);
            runs.push(out);
            return out;
          });
          expect(found).toBe(run(one));
        }
        // What a run has seen is its case: none is run twice.
        expect(new Set(runs).size).toBe(runs.length);
        if (program.length > 0) expect(noted.size).toBeGreaterThan(0);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test('a function that reads otherwise in the same place is found out', () => {
  const cases = new Remembered<unknown>(() => undefined);
  cases.of({ a: 1, b: 1 }, (at) => at['a']);
  expect(() => cases.of({ a: 2, b: 1 }, (at) => at['b'])).toThrow('reads b where it read a');
});

test('a function that asks which fields there are cannot be remembered', () => {
  const cases = new Remembered<unknown>(() => undefined);
  expect(() => cases.of({ a: 1 }, (at) => Object.keys(at))).toThrow('field by field');
  expect(() => cases.of({ a: 1 }, (at) => 'a' in at)).toThrow('field by field');
});
