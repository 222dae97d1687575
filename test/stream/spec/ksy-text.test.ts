import { expect, test } from 'vitest';
import { streamKsyText } from '../../../src/stream/spec/stream-ksy.ts';

const REFRESH =
  'docs/liveupdate-stream.ksy is out of date; refresh: npx vitest run test/stream/spec -u';

test('docs/liveupdate-stream.ksy is what the definitions give', async () => {
  const file = '../../../docs/liveupdate-stream.ksy';
  await expect(streamKsyText(), REFRESH).toMatchFileSnapshot(file);
});

test('has lines of at most 75 columns and no trailing space', () => {
  const wrong = streamKsyText()
    .split('\n')
    .filter((line) => line.length > 75 || /\s$/.test(line));
  expect(wrong).toEqual([]);
});
