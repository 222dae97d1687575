/** Any reading completes to a consistent host or to typed errors. */
import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { ASSUMPTIONS } from '../../../src/xen/complete/assumptions.ts';
import { completeHost } from '../../../src/xen/complete/complete-host.ts';
import { summarise } from '../../../src/xen/complete/summarise.ts';
import { arbitraryReading } from './arbitrary-reading.ts';
import { expectConsistent } from './consistency.ts';

const EXPECTED = ['no-memory', 'too-large', 'too-many-mappings', 'unknown-version'];

test('random readings', { timeout: 120_000 }, () => {
  const seen = { hosts: 0, errors: 0 };
  fc.assert(
    fc.property(arbitraryReading, (reading) => {
      const done = completeHost(reading, { frameLimit: 2 ** 17 });
      if (isLeft(done)) {
        seen.errors++;
        expect(done.left.length).toBeGreaterThan(0);
        for (const e of done.left) expect(EXPECTED).toContain(e.kind);
        return;
      }
      seen.hosts++;
      const { host, assumed, contradictions } = done.right;
      expectConsistent(host);
      expect(summarise(host).domains).toBe(reading.domains.length);
      for (const a of assumed) {
        expect(a.text).toBe(ASSUMPTIONS[a.id]);
        expect(a.count).toBeGreaterThan(0);
      }
      for (const c of contradictions) expect(c.text.length).toBeLessThanOrEqual(75);
      // Every count that differs is listed (up to the limit of a list).
      for (const d of reading.domains) {
        const have = host.xen.domains[d.domid];
        const listed = contradictions.some((c) => c.id === 'nr-pages' && c.domid === d.domid);
        expect(have?.totPages === d.nrPages).toBe(!listed);
      }
    }),
    { numRuns: 400 },
  );
  // The generator reaches both sides.
  expect(seen.hosts).toBeGreaterThan(150);
  expect(seen.errors).toBeGreaterThan(5);
});
