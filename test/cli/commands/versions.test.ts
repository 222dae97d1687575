import { describe, expect, test } from 'vitest';
import type { VersionMatrix } from '../../../src/check/versions.ts';
import { versions } from '../../../src/cli/commands/versions.ts';
import { VERSIONS } from '../../../src/design/versions.ts';
import { versionsText } from '../../../src/report/versions-text.ts';
import { expectReadable, runCommand } from './run-command.ts';

describe('the matrix of versions', async () => {
  const { code, out, err } = await runCommand(versions, '--json');
  const matrix = JSON.parse(out) as VersionMatrix;

  test('has every pair, both ways, each tried on many hosts, none of them lost', () => {
    expect([code, err]).toEqual([0, '']);
    const ids = VERSIONS.map((v) => v.id);
    expect(matrix.cells.map((c) => [c.from, c.to])).toEqual(
      ids.flatMap((from) => ids.map((to) => [from, to])),
    );
    for (const c of matrix.cells) {
      expect(c.lost).toEqual([]);
      expect(c.carried.length + c.refused.length).toBeGreaterThanOrEqual(13);
    }
  });

  test('refuses what xen#2 does not know, and nothing else', () => {
    for (const { from, to, refused } of matrix.cells) {
      const [older, newer] = [['4.11', '4.14'].includes(to), !['4.11', '4.14'].includes(from)];
      expect(refused.map((r) => r.host)).toEqual(
        older && newer ? ['interrupted', 'memory-sharing'] : ['memory-sharing'],
      );
      if (older && newer) expect(refused[0]?.reasons.join()).toContain(`Xen ${to} does not have`);
    }
  });

  test('is a table of 75 columns, with every reason once', async () => {
    const text = versionsText(matrix);
    expectReadable(text);
    const row = text.split('\n').find((line) => line.startsWith('4.17'));
    expect(row?.split(/\s{2,}/).slice(0, 4)).toEqual(['4.17', '12 r2', '12 r2', '13 r1']);
    expect(text.match(/memory-sharing: d3/g)).toHaveLength(1);
    expect(text).toContain('nothing lost.');
  });

  test('says LOST in words and by its status when something is', () => {
    const lost = [{ host: 'mixed', reasons: ['I8.2 frame 7: count 2, has 1'] }];
    const cells = matrix.cells.map((c, i) => (i === 9 ? { ...c, lost } : c));
    const text = versionsText({ ...matrix, cells });
    expectReadable(text);
    expect(text).toContain('L1');
    expect(text).toContain('mixed: I8.2 frame 7: count 2, has 1 (from 4.14 to 4.15)');
    expect(text).toContain('1 LOST.');
  });

  test('takes no argument', async () => {
    expect((await runCommand(versions, '4.17')).code).toBe(2);
  });
});
