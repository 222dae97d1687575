/**
 * The Kaitai description against our own reader: a reader generated from it
 * gives the same values, and refuses nothing that ours accepts.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import kaitai from 'kaitai-struct';
import compiler from 'kaitai-struct-compiler';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { encodeImageHeader } from '../../../src/stream/framing/headers.ts';
import { encodeRecord } from '../../../src/stream/framing/record.ts';
import { readRecords } from '../../../src/stream/reader.ts';
import {
  definitionOf,
  type LuRecord,
  RECORD_NAMES,
  recordNameOf,
} from '../../../src/stream/records/registry.ts';
import { IMAGE_VERSION, RECORD_TYPE, type RecordName } from '../../../src/stream/records/types.ts';
import { encode } from '../../../src/stream/schema/schema.ts';
import { streamKsy } from '../../../src/stream/spec/stream-ksy.ts';
import { goldenVectors } from '../../../src/vectors/golden-vectors.ts';
import { arbitraryOf } from '../arbitrary-of-shape.ts';
import { bodyFromKaitai, type KaitaiObject } from './kaitai-values.ts';

const KSY = new URL('../../../docs/liveupdate-stream.ksy', import.meta.url);
const description: unknown = parse(readFileSync(KSY, 'utf8'));

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left));
  return e.right;
};

type Reader = new (io: InstanceType<(typeof kaitai)['KaitaiStream']>) => KaitaiObject;

let GeneratedReader: Reader;

/** The generated file is a module for anybody; it asks for the runtime by its path. */
const load = (source: string): Reader => {
  const exported: { LiveupdateStream?: Reader } = {};
  const require = createRequire(import.meta.url);
  compileFunction(source, ['exports', 'require'])(exported, require);
  if (exported.LiveupdateStream === undefined) throw new Error('no reader was generated');
  return exported.LiveupdateStream;
};

beforeAll(async () => {
  const files = await compiler.compile('javascript', description, null, false);
  GeneratedReader = load(files['LiveupdateStream.js'] ?? '');
});

/** TextDecoder, as the runtime uses it, drops a byte-order mark that ours keeps as text. */
const BYTE_ORDER_MARK = /^\ufeff/;

const withoutMarks = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(BYTE_ORDER_MARK, '');
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutMarks(v)]));
};

interface GeneratedRecord extends KaitaiObject {
  readonly typeNumber: number;
  readonly body: KaitaiObject;
}

interface Read {
  readonly name: RecordName | null;
  readonly body: unknown;
}

/** All records, END among them. Throws what the generated reader throws. */
const readByKaitai = (bytes: Uint8Array): Read[] => {
  const io = new kaitai.KaitaiStream(Uint8Array.from(bytes).buffer);
  const { records } = new GeneratedReader(io);
  return (records as readonly GeneratedRecord[]).map(({ typeNumber, body }) => {
    const name = recordNameOf(typeNumber);
    return {
      name,
      body: name === null ? null : bodyFromKaitai(definitionOf(name).schema.shape, body),
    };
  });
};

const ours = (records: readonly { readonly record: LuRecord }[]): Read[] => [
  ...records.map(({ record: { name, body } }) => ({ name, body: withoutMarks(body) })),
  { name: 'END', body: {} },
];

const known = (records: readonly Read[]): Read[] => records.filter((r) => r.name !== null);

const streams = right(goldenVectors()).map(({ name, stream }) => ({ name, stream }));

test('the file says what the generator made', () => {
  expect(description).toEqual(JSON.parse(JSON.stringify(streamKsy())));
});

test.each(['cpp_stl', 'csharp', 'go', 'java', 'lua', 'perl', 'php', 'python', 'ruby', 'rust'])(
  'is accepted for %s',
  async (language) => {
    const files = await compiler.compile(language, parse(readFileSync(KSY, 'utf8')), null, false);
    expect(Object.values(files).join('')).toMatch(/maptrack/i);
  },
);

test.each(streams)('reads the golden vector $name as we do', ({ stream }) => {
  const read = readByKaitai(stream);
  expect(read.length).toBeGreaterThan(10);
  expect(read).toStrictEqual(ours(right(readRecords(stream)).records));
});

/**
 * The runtime (0.11.0) reads some negative s8 wrong by 2^32: it complements
 * the halves as signed numbers. Only the nanoseconds of X86_TSC_INFO are s8.
 */
const readableByRuntime = (body: unknown): boolean =>
  !(typeof body === 'object' && body !== null && 'nsec' in body && Number(body.nsec) < 0);

describe('a body of any kind', () => {
  const end = right(encodeRecord(RECORD_TYPE.END, new Uint8Array(0)));

  test.each(RECORD_NAMES.filter((n) => n !== 'END'))('is read as we read it: %s', (name) => {
    const { schema } = definitionOf(name);
    fc.assert(
      fc.property(arbitraryOf(schema.shape).filter(readableByRuntime), (body) => {
        const record = right(encodeRecord(RECORD_TYPE[name], right(encode(schema, body))));
        const stream = Buffer.concat([encodeImageHeader(IMAGE_VERSION), record, end]);
        const expected = [
          { name, body: withoutMarks(body) },
          { name: 'END', body: {} },
        ];
        expect(readByKaitai(stream)).toStrictEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a stream that is bent', () => {
  test('is read alike, or refused by us', () => {
    const counts = { accepted: 0, refusedByBoth: 0, byOrderOrRule: 0 };
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(fc.constantFrom(...streams), edits, ({ stream }, list) => {
        const bent = stream.slice();
        for (const [at, by] of list) bent[at % bent.length] = (bent[at % bent.length] ?? 0) ^ by;
        const own = readRecords(bent);
        if (E.isRight(own)) {
          expect(known(readByKaitai(bent))).toStrictEqual(ours(own.right.records));
          counts.accepted++;
          return;
        }
        try {
          readByKaitai(bent);
          counts.byOrderOrRule++;
        } catch {
          counts.refusedByBoth++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(counts.accepted).toBeGreaterThan(100);
    expect(counts.refusedByBoth).toBeGreaterThan(100);
  });

  test('is refused by both where it is cut', () => {
    const { stream } = streams[0] as (typeof streams)[number];
    for (let n = 0; n < stream.length; n++) {
      expect(E.isLeft(readRecords(stream.subarray(0, n)))).toBe(true);
      expect(() => readByKaitai(stream.subarray(0, n))).toThrow();
    }
  });
});

describe('a record that nobody knows', () => {
  const withRecord = (type: number): Uint8Array => {
    const { stream } = streams[0] as (typeof streams)[number];
    const record = right(encodeRecord(type, Uint8Array.of(1, 2, 3)));
    const at = stream.length - 8;
    return Buffer.concat([stream.subarray(0, at), record, stream.subarray(at)]);
  };

  test('is refused when it is mandatory', () => {
    expect(() => readByKaitai(withRecord(0x4000_0777))).toThrow(
      'not matching the expression, got [1,2,3]',
    );
  });

  test('is passed over when it is optional', () => {
    const bent = withRecord(0xc000_0777);
    expect(known(readByKaitai(bent))).toStrictEqual(ours(right(readRecords(bent)).records));
    expect(readByKaitai(bent).filter((r) => r.name === null)).toHaveLength(1);
  });
});
