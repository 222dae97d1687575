import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillPage } from '../../src/inspect/page-file.ts';
import { findSubject } from '../../src/inspect/subjects/find-subject.ts';
import { encodeTrace } from '../../src/trace/trace-file.ts';
import { recordingOf } from './recordings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xen-lu-subject-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a trace file is played as it is', async () => {
  const scope = await findSubject('S52');
  if (scope._tag === 'Left') throw new Error('no S52');
  const file = join(folder, 'run.json');
  await writeFile(file, encodeTrace(scope.right.trace));
  const { story, steps } = await recordingOf(file);
  expect(story.title).toBe('Trace run.json');
  expect(story.broken).toContain('I7.1');
  expect(story.tried[0]).toContain('without F7.5.pins');
  expect(steps.length - 1).toBe(scope.right.trace.events.length);
});

test.each([
  ['nothing-of-this-name', /no scenario, scope, bug, trace or capture/],
  ['S9999', /no scenario, scope, bug, trace or capture/],
])('%s is told to be nothing', async (name, why) => {
  const found = await findSubject(name);
  expect(found._tag).toBe('Left');
  if (found._tag === 'Left') expect(found.left.problems[0]?.what).toMatch(why);
});

test.each([
  ['{"format":"xen-lu-trace","version":1,"start":{},"events":[]}', /start/],
  ['{"format":"xen-lu-trace","version":9}', /version 1/],
  ['{"format":"xen-lu-trace"', /./],
  ['[]', /./],
  ['', /./],
])('a damaged trace (%s) is refused with a reason', async (text, why) => {
  const file = join(folder, 'bad.json');
  await writeFile(file, text);
  const found = await findSubject(file);
  expect(found._tag).toBe('Left');
  if (found._tag === 'Left') expect(found.left.problems[0]?.what).toMatch(why);
});

test('nothing in a recording can end the script that holds it', async () => {
  const recording = await recordingOf('S6');
  const title = 'a</script><script>alert(1)</script><!-- $& $1';
  const html = '<p><script type="application/json" id="recording"></script></p>';
  const filled = fillPage(html, { ...recording, story: { ...recording.story, title } });
  if (filled._tag === 'Left') throw new Error(filled.left);
  expect(filled.right.match(/<\/?script/g)).toEqual(['<script', '</script']);
  const json = /id="recording">([^<]*)</.exec(filled.right)?.[1] ?? '';
  expect(JSON.parse(json)).toMatchObject({ story: { title } });
  expect(fillPage('<p></p>', recording)._tag).toBe('Left');
});
