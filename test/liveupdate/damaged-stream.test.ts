/** Streams that are whole in form and yet not what xen#1 wrote: xen#2 stops and says so (Q8). */
import { isRight } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { begin, drive } from '../../properties/suite/drive.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS, type XenVersion } from '../../src/design/versions.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { type StreamMemory, writeStream } from '../../src/liveupdate/handover.ts';
import { type ReadRecords, readRecords } from '../../src/stream/reader.ts';
import { encodeStream } from '../../src/stream/writer.ts';

const host = mixedHost();
const from = VERSIONS.find((v) => v.id === host.xen.build.version) as XenVersion;

/** Why xen#2 stops when it maps this instead of what was written; null: it does not. */
const stopOf = (
  change: (bytes: Uint8Array, read: ReadRecords, memory: StreamMemory) => Uint8Array,
): string | null => {
  const image = { to: from, build: {} };
  const end = drive(begin(host, from, defaultDesign), host, image, (event, now) => {
    const { world } = now.context;
    const { restoring, memory, stream } = world;
    if (event.type !== 'lu.jump' || restoring === null || memory === null || stream === null)
      return now;
    const read = readRecords(stream);
    if (!isRight(read)) throw new Error('xen#1 wrote no stream');
    const changed = change(Uint8Array.from(stream), read.right, memory);
    const at = { hardware: restoring.hardware, xen: restoring.xen };
    const { hardware } = writeStream(at, memory, changed);
    const next = { ...world, restoring: { ...restoring, hardware } };
    return { ...now, context: { ...now.context, world: next } };
  });
  return end.context.world.crash?.what ?? null;
};

test('what was written is restored', () => {
  expect(stopOf((bytes) => bytes)).toBeNull();
});

test('zeroes from between two domains on look like END, and are none (F1.14)', () => {
  const stop = stopOf((bytes, { records }) => {
    const last = records.findLast((r) => r.record.name === 'DOMAIN');
    return bytes.fill(0, last?.offset);
  });
  expect(stop).toMatch(/^0x[0-9a-f]+: END, but the stream was longer$/);
});

test("a domain's page that holds the stream would be freed with it (R22)", () => {
  const stop = stopOf((_bytes, { records }, memory) => {
    const frame = memory.dataFrames[0] as number;
    const changed = records.map(({ record: r }) => {
      if (r.name !== 'PAGES') return r;
      const { start, count, kind } = r.body.runs;
      const runs = Array.from(start, (s, i) => [s, count[i] as number, kind[i] as number] as const);
      const all = [...runs, [frame, 1, 0] as const].sort((a, b) => a[0] - b[0]);
      return {
        ...r,
        body: {
          runs: {
            start: Uint32Array.from(all, (x) => x[0]),
            count: Uint32Array.from(all, (x) => x[1]),
            kind: Uint8Array.from(all, (x) => x[2]),
          },
        },
      };
    });
    const bytes = encodeStream(changed);
    if (!isRight(bytes)) throw new Error('not to be written');
    return bytes.right;
  });
  expect(stop).toMatch(/^frame 0x[0-9a-f]+ holds the stream, which names it$/);
});
