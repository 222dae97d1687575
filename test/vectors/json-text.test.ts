import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/vectors/json-text.ts';

test('JSON text is read as the value that was written', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(JSON.stringify(JSON.parse(jsonText(value)))).toBe(JSON.stringify(value));
    }),
    { numRuns: 1000 },
  );
});

test('lines are short, and short items share them', () => {
  const runs = Array.from({ length: 40 }, (_, i) => [i * 1000, 1]);
  const text = jsonText({ table: { kind: 'pagetable', entries: runs }, cpus: 2 });
  const rows = text.trimEnd().split('\n');
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(75);
  expect(rows.length).toBeLessThan(16);
  expect(rows.at(-2)).toBe('  "cpus": 2');
});
