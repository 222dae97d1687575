/** The real traces, decompressed once per test file that asks for them. */
import { readFileSync } from 'node:fs';
import { decompressed } from '../../../src/stream/framing/xz.ts';

export const TRACES = [
  '01-create-paused',
  '04-xl-pause',
  '05-xl-unpause',
  '06-domctl-pause-unpause',
  '12-domctl-destroy-B-256M',
  '20-whole-lifecycle',
] as const;

export type TraceName = (typeof TRACES)[number];

export const tracePath = (name: TraceName): string => `test/fixtures/traces/${name}.bin.xz`;

const cache = new Map<TraceName, Uint8Array>();

export const realTrace = async (name: TraceName): Promise<Uint8Array> => {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompressed([readFileSync(tracePath(name))])) chunks.push(chunk);
  const bytes = new Uint8Array(Buffer.concat(chunks));
  cache.set(name, bytes);
  return bytes;
};

/** A record as a plain scan of the file finds it. */
export interface Scanned {
  readonly index: number;
  readonly offset: number;
  readonly cpu: number;
  readonly event: number;
  readonly tsc: bigint;
  readonly words: readonly number[];
}

/**
 * The straightforward reading, for comparison: all records in file order,
 * CPU_CHANGE and padding included, a record without TSC at its CPU's last.
 */
export const scan = (bytes: Uint8Array): Scanned[] => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = new Map<number, bigint>();
  const found: Scanned[] = [];
  let cpu = -1;
  for (let offset = 0; offset < file.length; ) {
    const header = file.readUInt32LE(offset);
    const event = header % 2 ** 28;
    const count = Math.floor(header / 2 ** 28) % 8;
    const stamped = header >= 2 ** 31;
    const at = offset + (stamped ? 12 : 4);
    const words = Array.from({ length: count }, (_, i) => file.readUInt32LE(at + 4 * i));
    if (event === 0x1f003) cpu = words[0] ?? -1;
    else if (stamped) last.set(cpu, file.readBigUInt64LE(offset + 4));
    found.push({ index: found.length, offset, cpu, event, tsc: last.get(cpu) ?? 0n, words });
    offset = at + 4 * count;
  }
  return found;
};

/** What the merge must give: by TSC, then CPU, then place in the file. */
export const scanInOrder = (bytes: Uint8Array): Scanned[] =>
  scan(bytes)
    .filter(({ event }) => event !== 0x1f003 && event !== 0x1f002)
    .sort((a, b) =>
      a.tsc === b.tsc ? a.cpu - b.cpu || a.index - b.index : a.tsc < b.tsc ? -1 : 1,
    );
