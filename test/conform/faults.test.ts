/** The table of docs/xentrace.md is what is measured today. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { realTrace, TRACES } from '../xen/trace/real.ts';
import { faultShares, type Shares, sharesTable, stillTrace } from './faults.ts';

const DOCS = join(import.meta.dirname, '../../docs/xentrace.md');
/** Faults of each sort at each kind of record in each trace, and the seed that says where. */
const EACH = 6;
const SEED = 20_261_128;

let shares: Shares;
beforeAll(async () => {
  const traces: ReturnType<typeof stillTrace>[] = [];
  for (const name of TRACES) traces.push(stillTrace(await realTrace(name)));
  shares = faultShares(traces, EACH, SEED);
}, 600_000);

test('the table in docs/xentrace.md is the one of today', () => {
  const table = sharesTable(shares);
  expect(readFileSync(DOCS, 'utf8').includes(table), `put this there:\n\n${table}\n`).toBe(true);
});

describe('what is recorded often is hardly ever missed', () => {
  const share = (kind: string, fault: 'dropped' | 'other domain'): number => {
    const of = shares[kind]?.[fault];
    return of === undefined || of.injected === 0 ? 0 : of.noticed / of.injected;
  };
  test.each(['runstate change', 'WAKE', 'BLOCK'])('%s', (kind) => {
    expect(share(kind, 'dropped')).toBeGreaterThan(0.9);
    expect(share(kind, 'other domain')).toBeGreaterThan(0.9);
  });
});
