/**
 * The Live Update stream as a description for Kaitai Struct, from which
 * readers in a dozen languages can be made. It tells the form of every
 * record; the order of records is beyond it.
 */
import { IMAGE_ID, IMAGE_MARKER } from '../framing/headers.ts';
import { REC_LENGTH_MAX, REC_TYPE_OPTIONAL } from '../framing/record.ts';
import { definitionOf, RECORD_NAMES } from '../records/registry.ts';
import { IMAGE_VERSION, RECORD_TYPE, type RecordName } from '../records/types.ts';
import { bodyOf, doc, snake, typeOf } from './kaitai-types.ts';
import { type YamlMap, yamlText } from './yaml.ts';

const bigEndianBytes = (n: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number((n >> BigInt(8 * (count - 1 - i))) & 0xffn));

const imageHeader: YamlMap = {
  meta: { endian: 'be' },
  doc: doc('The only part that is big-endian.'),
  seq: [
    { id: 'marker', contents: bigEndianBytes(IMAGE_MARKER, 8) },
    { id: 'image_id', contents: bigEndianBytes(BigInt(IMAGE_ID), 4) },
    { id: 'version', type: 'u4', valid: IMAGE_VERSION },
    { id: 'options', type: 'u2', valid: { expr: '_ & 1 == 0' }, doc: 'bit 0: big-endian' },
    { id: 'reserved', size: 6 },
  ],
};

const caseOf = (name: RecordName): [string, string] => [`record_type::${snake(name)}`, snake(name)];

const record: YamlMap = {
  seq: [
    { id: 'type_number', type: 'u4' },
    { id: 'len_body', type: 'u4', valid: { max: REC_LENGTH_MAX } },
    {
      id: 'body',
      size: 'len_body',
      type: {
        'switch-on': 'type',
        cases: { ...Object.fromEntries(RECORD_NAMES.map(caseOf)), _: 'unknown_record' },
      },
    },
    {
      id: 'padding',
      type: 'u1',
      repeat: 'expr',
      'repeat-expr': '(8 - len_body % 8) % 8',
      valid: 0,
    },
  ],
  instances: { type: { value: 'type_number', enum: 'record_type' } },
};

/** A body has no octets behind its last field. */
const END_OF_BODY = { id: 'end_of_body', size: 0, valid: { expr: '_io.eof' } };

const recordType = (name: RecordName): YamlMap => {
  const { schema, doc: about } = definitionOf(name);
  const part = bodyOf(schema.shape);
  return {
    doc: doc(`${about.what} ${about.why}`),
    ...typeOf({ ...part, seq: [...part.seq, END_OF_BODY] }),
  };
};

const unknownRecord: YamlMap = {
  doc: doc('A record that is not known may be passed over when bit 31 of its type is set.'),
  seq: [
    {
      id: 'octets',
      'size-eos': true,
      valid: { expr: `_parent.type_number >= ${REC_TYPE_OPTIONAL}` },
    },
  ],
};

/** The description as a value, for a compiler that takes one. */
export const streamKsy = (): YamlMap => ({
  meta: {
    id: 'liveupdate_stream',
    title: 'Xen Live Update stream',
    license: 'MIT',
    'ks-version': '0.11',
    endian: 'le',
  },
  doc: doc(
    'What one Xen tells the next in a Live Update. Forms only: which record may stand where, and ' +
      'what the rules marked as lawful ask for, is for the reader to check; stream.md has it all.',
  ),
  seq: [
    { id: 'header', type: 'image_header' },
    {
      id: 'records',
      type: 'record',
      repeat: 'until',
      'repeat-until': '_.type == record_type::end',
    },
  ],
  types: {
    image_header: imageHeader,
    record,
    ...Object.fromEntries(RECORD_NAMES.map((name) => [snake(name), recordType(name)])),
    unknown_record: unknownRecord,
  },
  enums: {
    record_type: Object.fromEntries(RECORD_NAMES.map((name) => [RECORD_TYPE[name], snake(name)])),
  },
});

const HEAD = [
  '# Generated from the definitions in src/stream/records. Refresh with',
  '#     npx vitest run test/stream/spec -u',
];

/** The whole text of `docs/liveupdate-stream.ksy`. */
export const streamKsyText = (): string => `${HEAD.join('\n')}\n${yamlText(streamKsy())}`;
