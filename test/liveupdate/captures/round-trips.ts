/**
 * Round trip by bytes on the real captures: save, restore under another
 * version, save again. What xen#2 writes is what xen#1 wrote. One file for
 * each capture, so that they run beside each other.
 */
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { importCapture } from '../../../src/check/check-capture.ts';
import { defaultDesign } from '../../../src/design/design.ts';
import { VERSIONS } from '../../../src/design/versions.ts';
import type { Host } from '../../../src/host/host.ts';
import { saveStream } from '../../../src/liveupdate/save/index.ts';
import { runUpdate } from '../../../src/trace/run-update.ts';
import { version } from '../../support/updates.ts';

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

/** The host of a capture under every version: its dump is read once for each. */
const hostOf = async (capture: string, from: string): Promise<Host> => {
  const path = `test/fixtures/real-xen/${capture}`;
  const imported = await importCapture(path, undefined, version(from));
  if (isLeft(imported)) throw new Error(JSON.stringify(imported.left));
  return imported.right.host;
};

/** From a version to the next one, the oldest and the newest: up and down, near and far. */
const nearAndFar = (from: string): readonly string[] => {
  const at = ids.indexOf(from);
  return ids.filter((_, n) => n === at + 1 || n === 0 || n === ids.length - 1);
};
/** From a version to the next one, and from the newest to the oldest. */
const next = (from: string): readonly string[] =>
  ids.filter((_, n) => n === (ids.indexOf(from) + 1) % ids.length);
const TARGETS = { 'the next version': next, 'versions near and far': nearAndFar } as const;

/** Every version writes and every one reads the capture. */
export const testRoundTrips = (capture: string, pairs: keyof typeof TARGETS): void => {
  test.each(ids)(
    `${capture}: the same bytes again from Xen %s to ${pairs}`,
    async (from) => {
      const host = await hostOf(capture, from);
      const bytes = bytesOf(host);
      for (const to of TARGETS[pairs](from)) {
        const after = afterUpdate(host, to);
        expect([from, to, after.xen.build.version, after.xen.instance]).toEqual([from, to, to, 2]);
        expect(Buffer.compare(bytesOf(after), bytes)).toBe(0);
      }
    },
    60_000,
  );
};
