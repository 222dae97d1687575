/** Dumps taken before, within and after each step agree with where the trace leads. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { conformBytes } from '../../src/conform/conform-trace.ts';
import { type DumpedHost, readDump } from '../../src/conform/dumps.ts';
import type { Dumps, DumpVerdict } from '../../src/conform/moments.ts';
import { realTrace, TRACES, type TraceName } from '../xen/trace/real.ts';
import { startGuest, withDom0 } from './script.ts';

const KEYS = 'test/fixtures/real-xen/traces/keys';

const dump = async (name: string): Promise<DumpedHost> => {
  const read = await readDump(join(KEYS, `${name}-q.txt`));
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left));
  return read.right;
};

const verdicts = async (
  name: TraceName,
  dumps: Partial<Dumps>,
): Promise<readonly DumpVerdict[]> => {
  const all = { before: [], mid: [], after: [], ...dumps };
  const done = await conformBytes(name, [await realTrace(name)], { dumps: all });
  if (E.isLeft(done)) throw new Error(done.left.text);
  expect(done.right.divergence).toBeNull();
  return done.right.dumps;
};

const problems = (all: readonly DumpVerdict[]): readonly string[] => all.flatMap((v) => v.problems);

describe('the real dumps agree', () => {
  test.each(TRACES)('%s', async (name) => {
    const all = await verdicts(name, {
      before: [await dump(`${name}-before`)],
      mid: name === '20-whole-lifecycle' ? [await dump(`${name}-mid`)] : [],
      after: [await dump(`${name}-after`)],
    });
    expect(problems(all)).toEqual([]);
    expect(all.length).toBe(name === '20-whole-lifecycle' ? 3 : 2);
  });
});

describe('dumps of the other side of the step do not', () => {
  test.each([
    ['01-create-paused', /d1 was created only later, and is there/, /d1 exists, and is not there/],
    [
      '04-xl-pause',
      /nothing holds d1v0, which has pause_count 1/,
      /d1v0 is held, and has pause_count 0/,
    ],
    [
      '12-domctl-destroy-B-256M',
      /d3 ended only later, and is not there/,
      /d3 does not exist, and is there/,
    ],
  ] as const)('%s', async (name, before, after) => {
    const all = await verdicts(name, {
      before: [await dump(`${name}-after`)],
      after: [await dump(`${name}-before`)],
    });
    expect(all[0]?.problems.join()).toMatch(before);
    expect(all[1]?.problems.join()).toMatch(after);
  });

  test('05-xl-unpause: paused when all is over', async () => {
    const all = await verdicts('05-xl-unpause', { after: [await dump('05-xl-unpause-before')] });
    expect(problems(all).join()).toMatch(/nothing holds d1v0, which has pause_count 1/);
  });
});

test('a trace from the middle: a domain that goes with more mappings than it lost', async () => {
  const d3 = await dump('12-domctl-destroy-B-256M-before');
  const dumped = d3.domains.get(3);
  if (dumped === undefined) throw new Error('no d3');
  const more = { ...d3, domains: new Map(d3.domains).set(3, { ...dumped, mapped: 5 }) };
  const all = await verdicts('12-domctl-destroy-B-256M', { before: [more] });
  expect(problems(all)).toEqual(['d3 went after 4 unmaps, and has 5 grant mappings']);
});

test('mapped grants are counted at the end', async () => {
  const s = startGuest(withDom0(), 1).map(0, 1).map(0, 1).unmap(0, 1).call(0, 23);
  const host = (mapped: number): DumpedHost => ({
    path: 'made',
    domains: new Map(
      [0, 1].map((domain) => [
        domain,
        {
          domain,
          dying: 0,
          pauseCount: 0,
          vcpus: new Map([0, 1].map((v) => [v, { pauseCount: 0, pauseFlags: 0 }])),
          mapped: domain * mapped,
        },
      ]),
    ),
  });
  const of = async (mapped: number) => {
    const dumps = { before: [], mid: [host(2)], after: [host(mapped)] };
    const done = await conformBytes('made', [s.bytes()], { dumps });
    return E.isRight(done) ? done.right : null;
  };
  expect(await of(1)).toMatchObject({ verdict: 'accepted' });
  expect(await of(2)).toMatchObject({
    verdict: 'diverged',
    divergence: null,
    dumps: [{ problems: [] }, { problems: ['d1 has 1 grant mappings, and has 2'] }],
  });
});
