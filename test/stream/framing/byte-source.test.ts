import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from '../../../src/stream/framing/byte-source.ts';

const COUNTING = Uint8Array.from({ length: 200 }, (_, i) => i);

/** The same bytes in chunks of the given sizes; the buffer is reused, as files do. */
async function* reusing(bytes: Uint8Array, sizes: readonly number[]) {
  const buffer = new Uint8Array(64);
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at);
    buffer.set(bytes.subarray(at, at + size));
    yield buffer.subarray(0, size);
    at += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });

describe('a byte cursor', () => {
  it('gives the same pieces however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat(70), { maxLength: 8 }), async (chunks, lengths) => {
        const cursor = new ByteCursor(reusing(COUNTING, chunks));
        let at = 0;
        for (const [turn, length] of lengths.entries()) {
          const left = COUNTING.length - at;
          const wanted = COUNTING.subarray(at, at + length);
          const got =
            turn % 3 === 2
              ? await cursor.skip(length, 'x')
              : E.map((piece: Uint8Array) => expect([...piece]).toEqual([...wanted]))(
                  await cursor.take(length, 'x'),
                );
          expect(E.isRight(got)).toBe(length <= left);
          if (length > left) return;
          at += length;
          expect(cursor.offset).toBe(at);
        }
      }),
    );
  });

  it('says what was cut short, where, and how much there was', async () => {
    const cursor = new ByteCursor(reusing(COUNTING, [30]), 1000);
    await cursor.skip(150, 'body');
    expect(await cursor.take(60, 'shared info')).toEqual(
      E.left({
        kind: 'truncated',
        offset: 1150,
        what: 'shared info',
        wanted: 60,
        available: 50,
      }),
    );
  });

  it('does not reserve memory for a length that never arrives', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const cursor = new ByteCursor([COUNTING, COUNTING]);
    const got = await cursor.take(2 ** 40, 'bomb');
    expect(got).toMatchObject({ left: { kind: 'truncated', available: 400 } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
  });

  it('looks ahead over chunks without going on', async () => {
    for (const size of [1, 7, 30, 64]) {
      const cursor = new ByteCursor(reusing(COUNTING, [size]), 8);
      const seen = await cursor.peek(32);
      expect(E.isRight(seen) && [...seen.right]).toEqual([...COUNTING.subarray(0, 32)]);
      expect(cursor.offset).toBe(8);
      const all = await cursor.take(200, 'all');
      expect(E.isRight(all) && [...all.right]).toEqual([...COUNTING]);
      expect(await cursor.atEnd()).toEqual(E.right(true));
    }
    const short = await new ByteCursor([COUNTING.subarray(0, 5)]).peek(32);
    expect(E.isRight(short) && short.right.length).toBe(5);
  });

  it('tells a source that failed from one that ended', async () => {
    async function* failing() {
      yield COUNTING;
      throw new Error('disk on fire');
    }
    const cursor = new ByteCursor(failing());
    await cursor.skip(200, 'x');
    expect(await cursor.atEnd()).toEqual(
      E.left({ kind: 'source-failed', offset: 200, reason: 'disk on fire' }),
    );
    expect(await cursor.take(1, 'x')).toMatchObject({ left: { kind: 'source-failed' } });
    const ended = new ByteCursor([]);
    expect(await ended.atEnd()).toEqual(E.right(true));
  });

  it('gathers a piece that is larger than any chunk and than its first buffer', async () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);
    const parts = [0, 1, 2, 3, 4, 5].map((i) => large.subarray(i * 50_000, (i + 1) * 50_000));
    const cursor = new ByteCursor(parts);
    await cursor.skip(3, 'x');
    const got = await cursor.take(299_000, 'a large body');
    expect(E.isRight(got) && Buffer.compare(got.right, large.subarray(3, 299_003))).toBe(0);
    expect(cursor.offset).toBe(299_003);
    expect(await cursor.take(998, 'too much')).toMatchObject({
      left: { offset: 299_003, wanted: 998, available: 997 },
    });
  });

  it('takes and skips without waiting only what is at hand, to the last byte', async () => {
    const cursor = new ByteCursor([COUNTING, COUNTING], 8);
    expect(cursor.tryTake(1)).toBeUndefined();
    expect(cursor.trySkip(1)).toBe(false);
    await cursor.take(1, 'x');
    expect(cursor.tryTake(200)).toBeUndefined();
    expect(cursor.trySkip(200)).toBe(false);
    expect(cursor.offset).toBe(9);
    expect(cursor.trySkip(98)).toBe(true);
    expect([...(cursor.tryTake(101) ?? [])]).toEqual([...COUNTING.subarray(99)]);
    expect(cursor.offset).toBe(208);
    expect(cursor.trySkip(0)).toBe(true);
    expect(await cursor.atEnd()).toEqual(E.right(false));
  });

  it('cannot look ahead in a source that fails, whatever it throws', async () => {
    async function* failing() {
      yield COUNTING.subarray(0, 3);
      throw 'no error at all';
    }
    const cursor = new ByteCursor(failing());
    const failed = { kind: 'source-failed', offset: 3, reason: 'no error at all' };
    expect(await cursor.peek(8)).toEqual(E.left(failed));
    expect(await cursor.skip(8, 'x')).toEqual(E.left(failed));
  });

  it('closes its source once, and does not mind what that says', async () => {
    let closed = 0;
    const source = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: true, value: undefined }) as const,
        return: () => {
          closed++;
          throw new Error('busy');
        },
      }),
    };
    await expect(new ByteCursor(source).close()).resolves.toBeUndefined();
    expect(closed).toBe(1);
    // Not every source can be told.
    const silent = { [Symbol.iterator]: () => ({ next: source[Symbol.iterator]().next }) };
    await expect(new ByteCursor(silent).close()).resolves.toBeUndefined();
  });
});
