/** `conform`: traces against the machines, from the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { conform } from '../../../src/cli/commands/conform.ts';
import { bytesOf, runstate, windowOf } from '../../xen/trace/encode.ts';
import { realTrace, tracePath } from '../../xen/trace/real.ts';
import { expectReadable, runCommand } from './run-command.ts';

const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-conform-'));
afterAll(() => rmSync(DIR, { recursive: true }));

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(DIR, name);
  writeFileSync(path, bytes);
  return path;
};

const flat = (text: string): string => text.replace(/\s+/g, ' ');

const RUNNING = 0;
const RUNNABLE = 1;
const BLOCKED = 2;
/** A vCPU that was found running, and then leaves another state. */
const DIVERGING = bytesOf(
  windowOf(0, [
    runstate(1000n, 1, 0, RUNNABLE, RUNNING),
    runstate(2000n, 1, 0, RUNNING, RUNNABLE),
    runstate(3000n, 1, 0, BLOCKED, RUNNABLE),
  ]),
  // xentrace read the CPU once more, so that the record above is not in the tail.
  windowOf(0, [runstate(9000n, 1, 0, RUNNABLE, RUNNING)]),
);

test('a real trace: accepted, with what it was seen to do', async () => {
  const { code, out, err } = await runCommand(conform, tracePath('06-domctl-pause-unpause'));
  expect([code, err]).toEqual([0, '']);
  expectReadable(out);
  expect(out).toMatch(/^Trace {7}test\/fixtures\/traces\/06-domctl/);
  expect(out).toMatch(/\n {8}1 {8}\d {2}alive\.controller\.released {2}domctl\.pausedomain\n/);
  expect(out).toMatch(/\nACCEPTED: 60,6\d\d records checked; the machines allow them all\.$/);
});

test('a divergence: where, when, what was allowed and what was done', async () => {
  const { code, out, err } = await runCommand(conform, file('bad.bin', DIVERGING));
  expect([code, err]).toEqual([1, '']);
  expectReadable(out);
  expect(out).toContain('Diverges    at byte 44, 2,000 cycles, CPU 0');
  expect(out).toContain('Whose       d1v0');
  expect(out).toContain('Allowed     runnable');
  expect(out).toContain('Xen did     leaves blocked');
  expect(out).toMatch(/\nDIVERGED: d1v0 leaves blocked\.$/);
});

test('several traces as JSON: an array, and the worst exit status', async () => {
  const traces = [file('again.bin', DIVERGING), tracePath('12-domctl-destroy-B-256M')];
  const { code, out, err } = await runCommand(conform, ...traces, '--json');
  expect([code, err]).toEqual([1, '']);
  const results = JSON.parse(out);
  expect(results).toMatchObject([
    { verdict: 'diverged', divergence: { offset: 44, cycles: 2000, subject: 'd1v0' } },
    { verdict: 'accepted', divergence: null, cpus: [0, 1], domains: [0, 3] },
  ]);
});

test('a file that is no sound trace is bad input, with the offset', async () => {
  const cut = file('cut.bin', DIVERGING.subarray(0, 30));
  const { code, out, err } = await runCommand(conform, cut);
  expect([code, out]).toEqual([2, '']);
  expectReadable(err);
  expect(err).toContain('trace: truncated-record at byte 28');
  expect(flat(err)).toContain('the file is cut: take it anew');
  const disorder = bytesOf(
    windowOf(0, [
      runstate(5000n, 1, 0, RUNNABLE, RUNNING),
      runstate(4000n, 1, 0, RUNNING, BLOCKED),
    ]),
  );
  const back = await runCommand(conform, file('back.bin', disorder));
  expect(back.code).toBe(2);
  expect(back.err).toContain('trace: tsc-backwards at byte 28');
  const none = await runCommand(conform, join(DIR, 'none.bin'));
  expect(none.code).toBe(2);
  expect(none.err).toContain('trace: source at byte 0\n  no such file or folder');
  expect(flat(none.err)).toContain('wanted is what xentrace writes');
  const text = await runCommand(conform, file('some.txt', Buffer.from('no trace at all')));
  expect([text.code, text.out]).toEqual([2, '']);
  expectReadable(text.err);
  expect(text.err).toContain('trace: no-window at byte 0');
  expect(flat(text.err)).toContain('as root in dom0, until Ctrl-C: xentrace -D -e all trace.bin');
});

test('a trace that is cut says how far it was allowed; in JSON as well', async () => {
  const real = (await realTrace('06-domctl-pause-unpause')).subarray(0, 600_001);
  const cut = file('real.bin', real);
  const json = await runCommand(conform, cut, '--json');
  expect(json.code).toBe(2);
  expectReadable(json.err);
  expect(json.err).toMatch(
    /truncated-record at byte \d+\n.*\n {2}before it 2\d,\d+ records checked/,
  );
  expect(JSON.parse(json.out)).toMatchObject({
    trace: cut,
    verdict: 'unreadable',
    code: 'truncated-record',
  });
});

test('an empty file is no trace', async () => {
  const { code, out, err } = await runCommand(conform, file('empty.bin', new Uint8Array(0)));
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('the file holds no record at all');
  expect(flat(err)).toContain('xentrace -D -e all trace.bin');
});

test('without a trace it says what it wants', async () => {
  const { code, err } = await runCommand(conform);
  expect([code, err]).toEqual([2, 'conform wants at least one trace']);
});

const KEYS = 'test/fixtures/real-xen/traces/keys/04-xl-pause';

test('dumps from before and after a step', async () => {
  const trace = tracePath('04-xl-pause');
  const dumps = ['--before', `${KEYS}-before-q.txt`, '--after', `${KEYS}-after-q.txt`];
  const right = await runCommand(conform, trace, ...dumps);
  expect([right.code, right.err]).toEqual([0, '']);
  expectReadable(right.out);
  expect(right.out).toContain(`Dump before agrees:\n  ${KEYS}-before-q.txt`);
  const wrong = await runCommand(conform, trace, '--after', `${KEYS}-before-q.txt`);
  expect(wrong.code).toBe(1);
  expectReadable(wrong.out);
  expect(wrong.out).toMatch(/DIVERGED: the trace does not lead to what a dump shows\.$/);
});

test('dumps that cannot be read, or for several traces', async () => {
  const trace = tracePath('04-xl-pause');
  const none = await runCommand(conform, trace, '--before', join(DIR, 'none'));
  expect([none.code, none.out]).toEqual([2, '']);
  expectReadable(none.err);
  const two = await runCommand(conform, trace, trace, '--after', `${KEYS}-after-q.txt`);
  expect([two.code, two.err]).toEqual([2, '--before, --mid and --after go with one trace']);
});
