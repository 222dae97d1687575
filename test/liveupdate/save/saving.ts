/** Saving in tests: the records of a host that must be saved, and one of them by name. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { type Design, defaultDesign } from '../../../src/design/design.ts';
import { versionOf } from '../../../src/design/versions.ts';
import type { Host } from '../../../src/host/host.ts';
import { saveRecords, saveStream } from '../../../src/liveupdate/save/index.ts';
import { type LuStream, readStream } from '../../../src/stream/reader.ts';
import type { DomainSections, GlobalSections } from '../../../src/stream/records/registry.ts';

const from = () => {
  const version = versionOf('4.17');
  if (version === null) throw new Error('4.17 is not described');
  return version;
};

/** Records, or why there are none. */
export const saved = (host: Host, design: Design = defaultDesign) =>
  saveRecords(host, from(), design);

/** Bytes, or why there are none. */
export const savedBytes = (host: Host, design: Design = defaultDesign) =>
  saveStream(host, from(), design);

/** The stream of a host whose save must succeed. */
export const bytesOf = (host: Host, design: Design = defaultDesign): Uint8Array => {
  const bytes = savedBytes(host, design);
  if (isLeft(bytes)) throw new Error(`${bytes.left.domid}: ${bytes.left.what}`);
  return bytes.right;
};

/** What a reader finds in the stream of a host. */
export const streamOf = (host: Host, design: Design = defaultDesign): LuStream => {
  const stream = readStream(bytesOf(host, design));
  if (isLeft(stream)) throw new Error(JSON.stringify(stream.left));
  return stream.right;
};

export const globalsOf = (host: Host, design?: Design): GlobalSections =>
  streamOf(host, design).globals;

export const domainOf = (host: Host, id: number, design?: Design): DomainSections => {
  const d = streamOf(host, design).domains[id];
  if (d === undefined) throw new Error(`d${id} is not in the stream`);
  return d;
};
