/**
 * Round trip by bytes on the real captures: save, restore under another
 * version, save again. What xen#2 writes is what xen#1 wrote.
 */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { importCapture } from '../../src/check/check-capture.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { saveStream } from '../../src/liveupdate/save/index.ts';
import { runUpdate } from '../../src/trace/run-update.ts';
import { version } from '../support/updates.ts';

const bytesOf = (host: Host): Uint8Array => {
  // The writer's version stands in the stream: the same writer for both saves.
  const saved = saveStream(host, version('4.17'), defaultDesign);
  if (isLeft(saved)) throw new Error(saved.left.what);
  return saved.right;
};

const afterUpdate = (host: Host, to: string): Host => {
  let last = host;
  const from = version(host.xen.build.version);
  const build = { ...host.xen.build, version: to };
  const outcome = runUpdate(
    { host, from, build, commandLine: 'console=com1', design: defaultDesign },
    (step) => {
      last = step.host;
    },
  );
  expect(outcome.kind).toBe('resumed');
  return last;
};

const ids = VERSIONS.map((v) => v.id);
/** All pairs for the smallest capture; for the others each version once on each side. */
const pairsFor = (capture: string): [string, string][] =>
  ids.flatMap((from) =>
    ids
      .filter((to) => capture === 'A-dom0-only' || from === '4.17' || to === '4.17')
      .map((to): [string, string] => [from, to]),
  );

describe.each(['A-dom0-only', 'B-one-pv-guest', 'C-many-guests'])('%s', (capture) => {
  test('gives the same bytes again for every pair', async () => {
    const hosts = new Map<string, Host>();
    for (const [from, to] of pairsFor(capture)) {
      const known = hosts.get(from);
      let host = known;
      if (host === undefined) {
        const path = `test/fixtures/real-xen/${capture}`;
        const imported = await importCapture(path, undefined, version(from));
        if (isLeft(imported)) throw new Error(JSON.stringify(imported.left));
        host = imported.right.host;
        hosts.set(from, host);
      }
      const after = afterUpdate(host, to);
      expect([from, to, after.xen.build.version, after.xen.instance]).toEqual([from, to, to, 2]);
      expect(Buffer.compare(bytesOf(after), bytesOf(host))).toBe(0);
    }
  }, 120_000);
});
