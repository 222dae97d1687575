/** What is printed and written when a property of the suite is violated. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { roundTrip } from '../../properties/suite/round-trip.ts';
import { tryProperty } from '../../properties/suite/try.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import { replayJson } from '../../src/search/replay.ts';
import { keepFailure } from './keep-failure.ts';

const root = mkdtempSync(join(tmpdir(), 'failures-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a violation is told in full, and its file breaks the same again', async () => {
  const design = without(defaultDesign, 'F6.3.counts');
  const tried = tryProperty(roundTrip, { design, seed: 7, runs: 40 });
  if (tried.holds) throw new Error('the property must be violated without the rule');
  const text = await keepFailure(roundTrip, tried, root);
  const commands = /xen-lu (?:replay|campaign)/;
  expect(text.split('\n').filter((l) => l.length > 75 && !commands.test(l))).toEqual([]);
  for (const part of [
    'VIOLATED: ',
    `seed ${tried.seed}, path `,
    `xen-lu campaign --case round-trip,${tried.seed},${tried.path}`,
    'Objects\n',
    'before  ',
    'after   ',
  ])
    expect(text).toContain(part);
  const file = /xen-lu replay (\S+)/.exec(text)?.[1] ?? '';
  const again = await replayJson(JSON.parse(readFileSync(file, 'utf8')));
  expect(again.violates).toEqual(expect.arrayContaining([...tried.violation.invariants]));
});
