/**
 * The bytes of a stream in, its records out, by name. All that xen#2 learns
 * of xen#1 comes through here. Never throws; time and memory are bounded by
 * the number of bytes.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Domid } from '../host/ids.ts';
import type { StreamError } from './errors.ts';
import type { FramingError } from './framing/errors.ts';
import { decodeImageHeader, IMAGE_HEADER_BYTES } from './framing/headers.ts';
import { passUnknown, RECORD_HEADER_BYTES, type StreamRecord } from './framing/record.ts';
import { RecordReader } from './framing/record-reader.ts';
import { placedOf } from './placed.ts';
import { StreamOrder } from './records/order.ts';
import {
  type BodyOf,
  type DomainSections,
  definitionOf,
  type GlobalSections,
  type LuRecord,
  RECORD_NAMES,
  recordNameOf,
} from './records/registry.ts';
import { IMAGE_VERSION, type RecordName } from './records/types.ts';
import { decode } from './schema/schema.ts';

/** An optional record that this reader has no meaning for. */
interface PassedOver {
  readonly type: number;
  readonly offset: number;
  /** Bytes of body. */
  readonly length: number;
  /** The domain in whose block it stood. */
  readonly domid: Domid | null;
}

export interface LuStream {
  /** The Xen that wrote it. */
  readonly version: BodyOf<'LU_VERSION'>;
  readonly globals: GlobalSections;
  /** By domid. */
  readonly domains: Readonly<Record<number, DomainSections>>;
  readonly passedOver: readonly PassedOver[];
  /** Bytes up to and with END; what lies behind was not looked at. */
  readonly bytes: number;
}

/** A known record with its place, as `readRecords` gives it. */
interface PlacedRecord {
  readonly offset: number;
  readonly domid: Domid | null;
  readonly record: LuRecord;
}

export interface ReadRecords {
  readonly records: readonly PlacedRecord[];
  readonly passedOver: readonly PassedOver[];
  readonly bytes: number;
}

const framing = (error: FramingError): E.Either<StreamError, never> =>
  E.left({ kind: 'framing', offset: error.offset, error });

/** The image header: version 3, little endian, which is all that Xen on x86 writes. */
const readHeader = (bytes: Uint8Array): E.Either<StreamError, void> => {
  const header = decodeImageHeader(bytes, [IMAGE_VERSION]);
  if (E.isLeft(header)) return framing(header.left);
  if (header.right.endian !== 'little')
    return framing({
      kind: 'bad-header',
      offset: 16,
      field: 'image options',
      got: 'big endian',
      expected: 'little endian',
    });
  return E.right(undefined);
};

/** Decodes one record and lets the order judge it. */
const readOne = (
  raw: StreamRecord,
  name: RecordName,
  order: StreamOrder,
): E.Either<StreamError, LuRecord> => {
  const { offset } = raw;
  const body = decode(definitionOf(name).schema, raw.body);
  if (E.isLeft(body)) {
    const at = offset + RECORD_HEADER_BYTES + body.left.offset;
    return E.left({ kind: 'body', offset: at, record: name, domid: order.domid, error: body.left });
  }
  const placed = order.see(placedOf(name, body.right));
  if (E.isLeft(placed)) return E.left({ kind: 'order', offset, error: placed.left });
  return E.right({ name, body: body.right } as LuRecord);
};

/**
 * The records of a stream in their order, END left out. Errors: `framing`,
 * `body`, `order`, `no-end`; the first fault is the one told.
 */
export const readRecords = (bytes: Uint8Array): E.Either<StreamError, ReadRecords> => {
  const header = readHeader(bytes);
  if (E.isLeft(header)) return header;
  const reader = new RecordReader(bytes, { start: IMAGE_HEADER_BYTES });
  const order = new StreamOrder();
  const records: PlacedRecord[] = [];
  const passedOver: PassedOver[] = [];
  while (!order.ended) {
    const next = reader.next();
    if (E.isLeft(next)) return framing(next.left);
    const raw = next.right;
    if (raw === undefined) return E.left({ kind: 'no-end', offset: reader.offset });
    const name = recordNameOf(raw.type);
    if (name === null) {
      const pass = passUnknown(raw);
      if (E.isLeft(pass)) return framing(pass.left);
      const { type, offset, length } = raw;
      passedOver.push({ type, offset, length, domid: order.domid });
      continue;
    }
    const record = readOne(raw, name, order);
    if (E.isLeft(record)) return record;
    if (name !== 'END')
      records.push({ offset: raw.offset, domid: order.domid, record: record.right });
  }
  return E.right({ records, passedOver, bytes: reader.offset });
};

const VCPU_LISTS = RECORD_NAMES.filter((n) => definitionOf(n).presence === 'per-vcpu');

type Draft = Partial<Record<RecordName, unknown>>;

const newBlock = (): Draft => Object.fromEntries(VCPU_LISTS.map((name) => [name, []]));

/**
 * A whole stream by names. That every section which `LuStream` promises is
 * there has been seen to by `StreamOrder`. Errors: as for `readRecords`.
 */
export const readStream = (bytes: Uint8Array): E.Either<StreamError, LuStream> => {
  const read = readRecords(bytes);
  if (E.isLeft(read)) return read;
  const globals: Draft = {};
  const domains: Record<number, Draft> = {};
  let block: Draft = {};
  for (const { record } of read.right.records) {
    const { scope, presence } = definitionOf(record.name);
    if (record.name === 'DOMAIN') {
      block = newBlock();
      domains[record.body.domid] = block;
    }
    if (scope === 'mark') continue;
    if (presence === 'per-vcpu') (block[record.name] as unknown[]).push(record.body);
    else if (scope === 'global') globals[record.name] = record.body;
    else block[record.name] = record.body;
  }
  const sections = globals as unknown as GlobalSections;
  return E.right({
    version: sections.LU_VERSION,
    globals: sections,
    domains: domains as unknown as LuStream['domains'],
    passedOver: read.right.passedOver,
    bytes: read.right.bytes,
  });
};
