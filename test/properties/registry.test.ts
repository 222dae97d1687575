/** The folder is the registry, and the judge says what there is to say. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { invariant } from '../../properties/invariant.ts';
import { judge, judgeHost, loadInvariants } from '../../properties/registry.ts';
import { Audit, MAX_OFFENDERS } from '../../properties/support/audit.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { evidence, updated, V417 } from './support/evidence.ts';

const FACTS = [
  ...['I2.1', 'I2.2', 'I2.3', 'I3.1', 'I3.2', 'I6.1', 'I6.2', 'I6.3', 'I6.4', 'I6.5', 'I6.6'],
  ...['I7.1', 'I7.2', 'I7.3', 'I7.4', 'I7.5', 'I8.1', 'I8.2', 'I8.3', 'I8.4', 'I8.5', 'I8.6'],
  ...['I9.1', 'I9.2'],
];

describe('loadInvariants', () => {
  test('finds every invariant of the facts, in the order of their ids', async () => {
    const ids = (await loadInvariants()).map((i) => i.id);
    expect(ids.filter((id) => FACTS.includes(id))).toEqual(FACTS);
  });

  test('each has a short title, reasons and sources', async () => {
    for (const i of await loadInvariants()) {
      expect(i.title.length, i.id).toBeLessThanOrEqual(60);
      expect(i.says.length, i.id).toBeGreaterThan(40);
      expect(i.why.length, i.id).toBeGreaterThan(40);
      expect(i.sources.length, i.id).toBeGreaterThan(1);
    }
  });

  describe('of a folder', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'invariants-'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    });
    afterEach(() => rm(folder, { recursive: true }));

    const put = (name: string, text: string) => writeFile(join(folder, name), text);
    const good = (id: string): string =>
      `export default { id: '${id}', title: 't', says: 's', why: 'w', sources: ['x'], host: () => 0 };`;
    const load = () => loadInvariants(pathToFileURL(`${folder}/`));

    test('is sorted by numbers, not by letters', async () => {
      await put('a.js', good('I10.1'));
      await put('b.js', good('I9.2'));
      await put('c.js', good('I9.10'));
      await put('c.d.ts', 'export {}');
      expect((await load()).map((i) => i.id)).toEqual(['I9.2', 'I9.10', 'I10.1']);
    });

    test('an id that is there twice names both files', async () => {
      await put('one.js', good('I1.1'));
      await put('two.js', good('I1.1'));
      await expect(load()).rejects.toThrow(/two\.js and one\.js both have the id I1\.1/);
    });

    test.each([
      ['nothing', 'export const x = 1;', /no default export/],
      ['no id', 'export default {};', /has no id/],
      ['a long title', `export default { id: 'X', title: '${'x'.repeat(61)}' };`, /title/],
      ['no reason', "export default { id: 'X', title: 't', says: 's' };", /must say/],
      [
        'no source',
        "export default { id: 'X', title: 't', says: 's', why: 'w', sources: [] };",
        /no source/,
      ],
      [
        'nothing to look at',
        "export default { id: 'X', title: 't', says: 's', why: 'w', sources: ['x'] };",
        /looks at nothing/,
      ],
    ])('a file with %s is named', async (_what, text, message) => {
      await put('bad.js', text);
      await expect(load()).rejects.toThrow(message);
      await expect(load()).rejects.toThrow(/bad\.js/);
    });
  });
});

describe('judge', () => {
  const base = { id: 'X', title: 't', says: 's', why: 'w', sources: ['x'] };
  const finding = (where: string) => {
    const a = new Audit();
    a.count(2);
    a.offend(where, 'bad');
    return a.verdict();
  };
  const everything = invariant({
    ...base,
    host: () => finding('d1'),
    saved: () => finding('d2'),
    update: () => finding('d3'),
    watch: () => ({ see: () => undefined, verdict: () => finding('d4') }),
  });
  const host = mixedHost();

  test('adds up what was checked, and says when an offender was seen', () => {
    const watchers = new Map([['X', { see: () => undefined, verdict: () => finding('d4') }]]);
    expect(judge([everything], evidence(host, updated(host)), watchers)).toEqual([
      {
        id: 'X',
        title: 't',
        holds: false,
        checked: 10,
        detail: [
          'before the update: d1: bad',
          'at the save: d2: bad',
          'd4: bad',
          'd3: bad',
          'after the update: d1: bad',
        ],
      },
    ]);
  });

  test('asks nothing of a host that xen#2 never finished', () => {
    const crashed = evidence(host, host, { outcome: 'crashed' });
    const [verdict] = judge([everything], crashed);
    expect(verdict?.detail).toEqual(['before the update: d1: bad', 'at the save: d2: bad']);
    const [told] = judge([{ ...everything, afterCrash: true }], crashed);
    expect(told?.detail).toContain('d3: bad');
  });

  test('no offender is no detail', () => {
    const silent = invariant({ ...base, host: () => ({ checked: 3, offenders: [] }) });
    expect(judgeHost([silent], host, V417)).toEqual([
      { id: 'X', title: 't', holds: true, checked: 3 },
    ]);
  });

  test('lists the first offenders and counts the rest', () => {
    const many = invariant({
      ...base,
      host: () => {
        const a = new Audit();
        for (let i = 0; i < MAX_OFFENDERS + 7; i++) a.offend(`d${i}`, 'bad');
        return a.verdict();
      },
    });
    const [verdict] = judgeHost([many], host, V417);
    expect(verdict?.detail).toHaveLength(MAX_OFFENDERS + 1);
    expect(verdict?.detail?.at(-1)).toBe('and 7 more');
  });
});
