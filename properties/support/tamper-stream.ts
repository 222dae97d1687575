/** What mutants do to a stream that lies in memory, between the seal and xen#2. */
import { isRight } from 'fp-ts/lib/Either.js';
import { PAGE_SIZE } from '../../src/host/constants.ts';
import { releaseStream, takeStreamMemory, writeStream } from '../../src/liveupdate/handover.ts';
import type { Update } from '../../src/liveupdate/update.ts';
import { IMAGE_HEADER_BYTES } from '../../src/stream/framing/headers.ts';
import { REC_TYPE_END } from '../../src/stream/framing/record.ts';
import { RecordReader } from '../../src/stream/framing/record-reader.ts';

/** Where the first record of a type begins, or null. */
const offsetOf = (bytes: Uint8Array, type: number): number | null => {
  const reader = new RecordReader(bytes, { start: IMAGE_HEADER_BYTES });
  for (let next = reader.next(); isRight(next) && next.right !== undefined; next = reader.next()) {
    if (next.right.type === type) return next.right.offset;
    if (next.right.type === REC_TYPE_END) return null;
  }
  return null;
};

/** A record without a body before END, in a stream that is sealed already. */
export const appendRecord = (u: Update, type: number): Update => {
  const end = u.stream === null ? null : offsetOf(u.stream, REC_TYPE_END);
  if (u.host === null || u.stream === null || u.memory === null || end === null) return u;
  const stream = new Uint8Array(u.stream.length + 8);
  stream.set(u.stream.subarray(0, end));
  new DataView(stream.buffer).setUint32(end, type, true);
  stream.set(u.stream.subarray(end), end + 8);
  const taken = takeStreamMemory(
    releaseStream(u.host, u.memory, u.design),
    stream.length,
    u.design,
  );
  if (taken._tag === 'Left') return u;
  const { host, memory } = taken.right;
  return { ...u, stream, memory, host: writeStream(host, memory, stream) };
};

/** Gives the first record of type `from` another type, where the stream lies in xen#2's memory. */
export const retypeRecord = (u: Update, from: number, to: number): Update => {
  const r = u.restoring;
  if (r === null || u.memory === null) return u;
  const { dataFrames } = u.memory;
  const pages = dataFrames.map((f) => r.hardware.content[f]);
  const bytes = new Uint8Array(pages.length * PAGE_SIZE);
  pages.forEach((page, i) => {
    if (page?.kind === 'bytes') bytes.set(page.data, i * PAGE_SIZE);
  });
  const at = offsetOf(bytes, from);
  if (at === null) return u;
  new DataView(bytes.buffer).setUint32(at, to, true);
  const content = { ...r.hardware.content };
  dataFrames.forEach((f, i) => {
    content[f] = { kind: 'bytes', data: bytes.slice(i * PAGE_SIZE, (i + 1) * PAGE_SIZE) };
  });
  return { ...u, restoring: { ...r, hardware: { ...r.hardware, content } } };
};
