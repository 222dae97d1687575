/** Every kind of record: its bytes say its body and nothing else. */

import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { REC_TYPE_LIVE_UPDATE } from '../../src/stream/framing/record.ts';
import {
  definitionOf,
  isOptionalRecord,
  RECORD_NAMES,
  recordNameOf,
} from '../../src/stream/records/registry.ts';
import { RECORD_TYPE } from '../../src/stream/records/types.ts';
import { decode, encode } from '../../src/stream/schema/schema.ts';
import { arbitraryOf } from './arbitrary-of-shape.ts';

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left));
  return e.right;
};

describe.each(RECORD_NAMES)('%s', (name) => {
  const { schema, needs, follows, orderSources, doc } = definitionOf(name);
  const bodies = arbitraryOf(schema.shape);

  test('decodes to what was encoded, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const bytes = right(encode(schema, body));
        const back = right(decode(schema, bytes));
        expect(back).toStrictEqual(body);
        expect(right(encode(schema, back))).toStrictEqual(bytes);
        expect(bytes.length).toBeGreaterThanOrEqual(schema.minBytes);
      }),
      { numRuns: 150 },
    );
  });

  test('is refused when cut anywhere, or longer by a byte', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), (body, where) => {
        const bytes = right(encode(schema, body));
        expect(decode(schema, Uint8Array.of(...bytes, 0))).toMatchObject({
          left: { kind: 'trailing', offset: bytes.length, path: '' },
        });
        if (bytes.length === 0) return;
        expect(E.isLeft(decode(schema, bytes.subarray(0, where % bytes.length)))).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test('with a byte changed gives an error, or a body with those very bytes', () => {
    const changed = fc.tuple(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }));
    let decoded = 0;
    fc.assert(
      fc.property(changed, ([body, where, by]) => {
        const bytes = right(encode(schema, body));
        if (bytes.length === 0) return;
        const at = where % bytes.length;
        bytes[at] = (bytes[at] as number) ^ by;
        const other = decode(schema, bytes);
        if (E.isLeft(other)) return;
        decoded++;
        const again = right(encode(schema, other.right));
        // Reserved bytes are passed over and written as zero (F10.3).
        const reserved = name === 'X86_TSC_INFO' || name === 'HVM_PARAMS';
        if (!reserved) expect(again).toStrictEqual(bytes);
        expect(right(decode(schema, again))).toStrictEqual(other.right);
      }),
      { numRuns: 300 },
    );
    if (definitionOf(name).scope !== 'mark') expect(decoded).toBeGreaterThan(0);
  });

  test('says what it is, why, and where its order comes from', () => {
    expect(doc.what.length).toBeGreaterThan(20);
    expect(doc.why.length).toBeGreaterThan(20);
    expect(doc.sources.length).toBeGreaterThan(0);
    if (needs.length + follows.length > 1) expect(orderSources.length).toBeGreaterThan(0);
  });
});

describe('numbers of the records', () => {
  test('are each given once', () => {
    expect(new Set(RECORD_NAMES.map((n) => RECORD_TYPE[n])).size).toBe(RECORD_NAMES.length);
    for (const name of RECORD_NAMES) expect(recordNameOf(RECORD_TYPE[name])).toBe(name);
    expect(recordNameOf(0x4000_0fff)).toBeNull();
  });

  test("are libxc's where the meaning is, else have the Live Update bit", () => {
    const libxc = { END: 0, X86_TSC_INFO: 8, HVM_PARAMS: 10 };
    for (const name of RECORD_NAMES)
      if (name in libxc) expect(RECORD_TYPE[name]).toBe(libxc[name as keyof typeof libxc]);
      else expect(RECORD_TYPE[name] & REC_TYPE_LIVE_UPDATE).not.toBe(0);
    expect(RECORD_TYPE.LU_VERSION).toBe(0x4000_0000);
  });

  test('are optional only where no domain depends on the record', () => {
    expect(RECORD_NAMES.filter(isOptionalRecord)).toEqual(['KEXEC_CRASH']);
  });

  test('need only records of their own scope, without a circle', () => {
    const before = (name: (typeof RECORD_NAMES)[number]): readonly (typeof name)[] => [
      ...definitionOf(name).needs,
      ...definitionOf(name).follows,
    ];
    for (const name of RECORD_NAMES) {
      const reached = new Set<string>();
      const walk = (n: typeof name): void => {
        for (const p of before(n)) {
          expect(definitionOf(p).scope).toBe(definitionOf(name).scope);
          expect(p).not.toBe(name);
          if (!reached.has(p)) {
            reached.add(p);
            walk(p);
          }
        }
      };
      walk(name);
    }
  });
});

test("libxc's two records have libxc's octets", () => {
  const tsc = { mode: 2, khz: 2_400_000, nsec: 0x1_0000_0002, incarnation: 7 };
  expect(Buffer.from(right(encode(definitionOf('X86_TSC_INFO').schema, tsc))).toString('hex')).toBe(
    '02000000' + '009f2400' + '0200000001000000' + '07000000' + '00000000',
  );
  const params = { params: [{ index: 1, value: 0xfeff8 }] };
  expect(
    Buffer.from(right(encode(definitionOf('HVM_PARAMS').schema, params))).toString('hex'),
  ).toBe('01000000' + '00000000' + '0100000000000000' + 'f8ef0f0000000000');
});
