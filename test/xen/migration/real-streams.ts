/** The save streams of real guests that the project holds, decompressed. */
import { createReadStream } from 'node:fs';
import { decompressed } from '../../../src/stream/framing/xz.ts';

const STREAMS = new URL('../../fixtures/streams/', import.meta.url);

/** Linux, 32 MiB, PV; its plain pages are zeroes. */
export const PV1 = 'pv1-32M-tables.save.xz';
/** GRUB, 16 MiB, PVH. */
export const PVHGRUB = 'pvhgrub-16M.save.xz';

export const realStream = async (name: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompressed(createReadStream(new URL(name, STREAMS))))
    chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
};
