import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../../src/stream/framing/xz.ts';

const FILE = new URL('../../fixtures/streams/pv1-32M-tables.save.xz', import.meta.url);
const packed = readFileSync(FILE);

const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<number> => {
  let bytes = 0;
  for await (const chunk of source) bytes += chunk.byteLength;
  return bytes;
};

const inChunks = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );

describe('a source that may be compressed', () => {
  it('is decompressed when it begins like xz, in chunks of any size', async () => {
    expect(await bytesOf(decompressed([packed]))).toBe(33633298);
    expect(await bytesOf(decompressed(inChunks(packed, 5)))).toBe(33633298);
    expect(await bytesOf(decompressed([packed, packed]))).toBe(2 * 33633298);
  });

  it('is passed on as it is otherwise, however short', async () => {
    for (const text of ['', 'a', 'plain', 'plain bytes of a stream']) {
      const parts: Uint8Array[] = [];
      for await (const chunk of decompressed(inChunks(Buffer.from(text), 2))) parts.push(chunk);
      expect(Buffer.concat(parts).toString()).toBe(text);
    }
  });

  it('fails on cut, damaged and foreign data, and can be used again', async () => {
    const spoilt = Uint8Array.from(packed);
    spoilt[packed.length >> 1] = (packed[packed.length >> 1] ?? 0) ^ 0xff;
    const half = packed.subarray(0, packed.length >> 1);
    await expect(bytesOf(decompressed([half]))).rejects.toThrow('xz: it is cut short');
    await expect(bytesOf(decompressed([spoilt]))).rejects.toThrow('xz: its data are damaged');
    await expect(bytesOf(decompressed([packed, Buffer.from('behind')]))).rejects.toThrow('xz: ');
    expect(await bytesOf(decompressed([packed]))).toBe(33633298);
  });

  it('fails when the output is out of proportion to the input', async () => {
    await expect(bytesOf(decompressed([packed], 100))).rejects.toThrow(
      'xz: more than 100 bytes out of one',
    );
  });

  it('lets go of the decoder when its reader stops early', async () => {
    for await (const chunk of decompressed([packed])) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await bytesOf(decompressed([packed]))).toBe(33633298);
  });
});
