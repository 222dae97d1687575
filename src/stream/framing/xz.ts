/** Streams compressed with xz, as `xl save` files often are on their way. */
import xz from 'xz-decompress';
import type { ByteSource } from './byte-source.ts';

const MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);

/**
 * Bytes of output that one byte of xz may become. Measured with `xz -9e`: the
 * stream of a guest of zero pages only, 4650; a file of zeroes only, 6870.
 */
const XZ_RATIO_LIMIT = 6000;

/** Output that is always allowed, in bytes, however small the input is. */
const FREE_BYTES = 1024 * 1024;

/** What the decoder's result codes mean. */
const RESULTS: Readonly<Record<string, string>> = {
  3: 'out of memory',
  4: 'its dictionary is too large',
  5: 'not an xz file',
  6: 'a filter or check that is not supported',
  7: 'its data are damaged',
  8: 'it is cut short, or has bytes behind its end',
};

/**
 * The same bytes, decompressed if they begin like an xz file (several
 * concatenated are one). Fails, when iterated, on damaged or cut input and
 * when the output passes `XZ_RATIO_LIMIT` times the input.
 */
export async function* decompressed(
  source: ByteSource,
  ratioLimit: number = XZ_RATIO_LIMIT,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = chunksOf(source);
  const head = await beginning(input, MAGIC.byteLength);
  const rest = withHead(head, input);
  if (head.byteLength < MAGIC.byteLength || MAGIC.some((byte, i) => head[i] !== byte)) {
    yield* rest;
    return;
  }
  const meter = { read: 0 };
  const reader = new xz.XzReadableStream(readable(rest, meter)).getReader();
  let written = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      written += value.byteLength;
      if (written > FREE_BYTES + ratioLimit * meter.read) {
        throw new Error(`xz: more than ${ratioLimit} bytes out of one`);
      }
      yield value;
    }
  } catch (cause) {
    throw new Error(explained(cause instanceof Error ? cause.message : String(cause)));
  } finally {
    // The decoder serves one stream at a time: let go of it in any case.
    await reader.cancel().catch(() => undefined);
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  yield* source;
}

/** At least `length` bytes of the input, as a copy, or all that there is. */
const beginning = async (
  input: AsyncGenerator<Uint8Array, void, undefined>,
  length: number,
): Promise<Uint8Array> => {
  let head = new Uint8Array(0);
  while (head.byteLength < length) {
    const next = await input.next();
    if (next.done === true) break;
    const grown = new Uint8Array(head.byteLength + next.value.byteLength);
    grown.set(head);
    grown.set(next.value, head.byteLength);
    head = grown;
  }
  return head;
};

async function* withHead(
  head: Uint8Array,
  input: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.byteLength > 0) yield head;
  yield* input;
}

const readable = (
  input: AsyncGenerator<Uint8Array, void, undefined>,
  meter: { read: number },
): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: async (controller) => {
      const next = await input.next();
      if (next.done === true) {
        controller.close();
        return;
      }
      meter.read += next.value.byteLength;
      // Queued, so a source that reuses its buffer must not reach it any more.
      controller.enqueue(next.value.slice());
    },
    cancel: async () => {
      await input.return();
    },
  });

const explained = (message: string): string => {
  const code = /error code (\d+)$/.exec(message)?.[1];
  return code === undefined ? message : `xz: ${RESULTS[code] ?? `result ${code}`}`;
};
