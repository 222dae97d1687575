import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { encodeImageHeader } from '../../../src/stream/framing/headers.ts';
import { encodeRecord } from '../../../src/stream/framing/record.ts';
import { definitionOf, RECORD_NAMES } from '../../../src/stream/records/registry.ts';
import { IMAGE_VERSION, RECORD_TYPE } from '../../../src/stream/records/types.ts';
import { encode } from '../../../src/stream/schema/schema.ts';
import { type LayoutRow, layoutOf } from '../../../src/stream/schema/shape.ts';
import { diagramsOf } from '../../../src/stream/spec/diagram.ts';
import { conditionsOf } from '../../../src/stream/spec/field-table.ts';
import { IMAGE_HEADER, RECORD_HEADER } from '../../../src/stream/spec/headers.ts';
import { drawOctets } from '../../../src/stream/spec/octet-grid.ts';
import { streamSpec } from '../../../src/stream/spec/stream-spec.ts';
import { arbitraryOf } from '../arbitrary-of-shape.ts';
import { fixedFields } from './grid.ts';

const REFRESH = 'docs/stream.md is out of date; refresh: npx vitest run test/stream/spec -u';

test('docs/stream.md is what the definitions give', async () => {
  await expect(streamSpec(), REFRESH).toMatchFileSnapshot('../../../docs/stream.md');
});

describe('the specification', () => {
  const text = streamSpec();
  const sections = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((s) => [s.slice(0, s.search(/[ \n]/)), s]),
  );

  test('has lines of at most 75 columns and no trailing space', () => {
    const wrong = text.split('\n').filter((line) => line.length > 75 || /\s$/.test(line));
    expect(wrong).toEqual([]);
  });

  test.each(RECORD_NAMES)('has a section for %s with all that its definition says', (name) => {
    const { doc, needs, follows, schema } = definitionOf(name);
    const section = (sections.get(name) ?? '').replaceAll(/\s+/g, ' ');
    const number = `0x${RECORD_TYPE[name].toString(16).padStart(8, '0')}`;
    expect(section.startsWith(`${name} (${number})`)).toBe(true);
    for (const said of [doc.what, doc.why, `Sources: ${doc.sources.join(', ')}.`])
      expect(section).toContain(said);
    const order = section.slice(section.indexOf('Order: '));
    for (const other of [...needs, ...follows]) expect(order).toContain(other);
    for (const { rule } of conditionsOf(schema.shape)) expect(section).toContain(rule);
    for (const { path } of layoutOf(schema.shape))
      expect(section).toContain(path.slice(path.lastIndexOf('[].') + 1).replace(/^\]?\.?/, ''));
  });
});

/** Octets that a field takes before anything of varying length in it. */
const headOf = ({ bytes, shape }: LayoutRow): number => {
  if (bytes !== null) return bytes;
  if (shape.kind === 'text') return 2;
  return shape.kind === 'nullable' || shape.kind === 'tagged' ? 1 : 4;
};

/** The body's fields up to the first whose length varies. */
const rowsBeforeBand = (rows: readonly LayoutRow[]): readonly LayoutRow[] => {
  const varying = rows.findIndex((row) => row.bytes === null);
  return varying < 0 ? rows : rows.slice(0, varying + 1);
};

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce((v, key) => (v as Record<string, unknown>)[key], value);

const numberAt = (bytes: Uint8Array, from: number, octets: number): bigint => {
  let n = 0n;
  for (let i = octets - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[from + i] as number);
  return n;
};

describe.each(RECORD_NAMES)('the diagram of %s', (name) => {
  const { schema } = definitionOf(name);
  const drawn = fixedFields(drawOctets(diagramsOf(schema.shape)[0]?.elements ?? []));
  const rows = rowsBeforeBand(layoutOf(schema.shape));

  test('has every field at its place and of its length', () => {
    const expected = rows.map((row) => ({ offset: row.offset, octets: headOf(row) }));
    const reserved = drawn.filter((f) => f.label === '(reserved)').length;
    const inTable = rows.filter((row) => row.path.endsWith('(reserved)')).length;
    const places = drawn.map(({ offset, octets }) => ({ offset, octets }));
    expect(places.slice(0, expected.length)).toEqual(expected);
    // The reserved octets of a list stand behind its count, in the same row of the table.
    expect(drawn.length - expected.length).toBe(reserved - inTable);
  });

  test('shows where the encoder puts the numbers', () => {
    const numbers = rows.filter((row) => row.shape.kind === 'number');
    fc.assert(
      fc.property(arbitraryOf(schema.shape), (body) => {
        const encoded = encode(schema, body);
        if (E.isLeft(encoded)) throw new Error(JSON.stringify(encoded.left));
        for (const { path, offset } of numbers) {
          const field = drawn.find((f) => f.offset === offset);
          expect(path.endsWith(field?.label ?? '?')).toBe(true);
          const read = numberAt(encoded.right, field?.offset ?? 0, field?.octets ?? 0);
          expect(read).toBe(BigInt.asUintN(64, BigInt(at(body, path) as number)));
        }
      }),
      { numRuns: 20 },
    );
  });
});

test('the diagram of a u64 that two rows share is read back whole', () => {
  const fields = fixedFields(
    drawOctets(diagramsOf(definitionOf('VCPU').schema.shape)[0]!.elements),
  );
  expect(fields.find((f) => f.label === 'registers.rip')).toEqual({
    label: 'registers.rip',
    offset: 7,
    octets: 8,
  });
});

describe('the headers', () => {
  const placed = (fields: typeof IMAGE_HEADER) => {
    let offset = 0;
    return fields.map((f) => {
      offset += f.octets;
      return { ...f, offset: offset - f.octets };
    });
  };

  test('of an image are the bytes that are written', () => {
    const bytes = encodeImageHeader(IMAGE_VERSION);
    expect(IMAGE_HEADER.reduce((n, f) => n + f.octets, 0)).toBe(bytes.length);
    for (const { name, offset, octets, value } of placed(IMAGE_HEADER)) {
      const read = numberAt(bytes.slice(offset, offset + octets).reverse(), 0, octets);
      const says = name === 'options' ? '0' : (value.match(/^(0x)?[0-9a-f]+/)?.[0] ?? '');
      expect([name, read]).toEqual([name, BigInt(says)]);
    }
  });

  test('of a record are the bytes that are written', () => {
    const encoded = encodeRecord(RECORD_TYPE.DOMAIN, Uint8Array.of(1, 2, 3));
    if (E.isLeft(encoded)) throw new Error('not encoded');
    const read = placed(RECORD_HEADER).map((f) => numberAt(encoded.right, f.offset, f.octets));
    expect(read).toEqual([BigInt(RECORD_TYPE.DOMAIN), 3n]);
    expect(encoded.right.length).toBe(16);
  });
});
