/**
 * The Live Update stream as a format of the linter: its records and their
 * order are those of the registry, so that the linter refuses exactly what
 * the reader refuses.
 */
import * as E from 'fp-ts/lib/Either.js';
import { decodeImageHeader, IMAGE_HEADER_BYTES } from '../framing/headers.ts';
import { RECORD_HEADER_BYTES, viewOf } from '../framing/record.ts';
import { placedOf } from '../placed.ts';
import { type OrderError, type Placed, StreamOrder } from '../records/order.ts';
import { definitionOf, RECORD_NAMES } from '../records/registry.ts';
import { IMAGE_VERSION, RECORD_TYPE, type RecordName } from '../records/types.ts';
import { describeSchemaError } from '../schema/errors.ts';
import { decode } from '../schema/schema.ts';
import { type Finding, findingOf, type Judgement } from './finding.ts';
import type { BodyContext, Format, OpenFormat, RecordRule } from './format.ts';

/**
 * Marker-led like libxc's, but LU_VERSION stands where libxc has its domain
 * header: by that the two are told apart.
 */
export const luFormat: Format = {
  name: 'LU',
  headerBytes: IMAGE_HEADER_BYTES,
  recognises: (first) =>
    E.isRight(decodeImageHeader(first, [IMAGE_VERSION])) &&
    first.byteLength >= IMAGE_HEADER_BYTES + 4 &&
    viewOf(first).getUint32(IMAGE_HEADER_BYTES, true) === RECORD_TYPE.LU_VERSION,
  open: (header, offset) => {
    const image = decodeImageHeader(header, [IMAGE_VERSION], offset);
    if (E.isLeft(image)) return E.left(findingOf(image.left));
    const { version, endian } = image.right;
    if (endian === 'big') {
      const message = 'image options say big-endian, not little';
      return E.left({ severity: 'error', offset: offset + 16, rule: 'F10.1', message });
    }
    return E.right({
      ...opened(),
      heading: [`image header: version ${version}, ${endian}-endian`],
    });
  },
};

const opened = (): Omit<OpenFormat, 'heading'> => {
  const judge = new LuJudge();
  return {
    endian: 'little',
    findings: [],
    records: new Map(RECORD_NAMES.map((name) => [RECORD_TYPE[name], ruleOf(name, judge)])),
    // What must be there, StreamOrder says at the end of each block.
    required: [],
    // Xen wrote it a moment ago: there is no older writer to be lenient to.
    padding: 'error',
    // A stream lies in whole pages, and its reader stops at END (F1.13).
    behindEnd: 'note',
  };
};

const ruleOf = (name: RecordName, judge: LuJudge): RecordRule => ({
  name,
  minLength: 0,
  maxLength: Number.POSITIVE_INFINITY,
  body: { kind: 'whole', judge: (body, context) => judge.see(name, body, context) },
  ...(name === 'END' ? { flow: { kind: 'end' } } : {}),
});

/** Judges the records of one stream in turn. */
class LuJudge {
  readonly #order = new StreamOrder();
  readonly #explained = new Set<RecordName>();

  see(name: RecordName, body: DataView, { offset }: BodyContext): Judgement {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    const value = decode(definitionOf(name).schema, bytes);
    const placed = E.isRight(value) ? placedOf(name, value.right) : placedByName(name);
    const findings: Finding[] = [];
    if (E.isLeft(value)) {
      const at = offset + value.left.offset;
      const message = describeSchemaError(value.left);
      findings.push({ severity: 'error', offset: at, rule: 'F10.3', message });
    }
    if (placed !== undefined) {
      const seen = this.#order.see(placed);
      if (E.isLeft(seen)) findings.push(orderFinding(seen.left, offset - RECORD_HEADER_BYTES));
    }
    return { notes: this.#notes(name, placed), findings };
  }

  /** Whose record it is; what its kind says, the first time. */
  #notes(name: RecordName, placed: Placed | undefined): readonly string[] {
    const notes: string[] = [];
    if (placed?.domid !== undefined) notes.push(`d${placed.domid}`);
    if (placed?.vcpu !== undefined) notes.push(`vCPU ${placed.vcpu}`);
    if (!this.#explained.has(name)) notes.push(definitionOf(name).doc.what);
    this.#explained.add(name);
    return notes;
  }
}

/** The place of a record whose body cannot be read, where no body is needed. */
const placedByName = (name: RecordName): Placed | undefined =>
  name === 'DOMAIN' || definitionOf(name).presence === 'per-vcpu' ? undefined : { name };

const orderFinding = ({ record, detail, sources }: OrderError, offset: number): Finding => ({
  severity: 'error',
  offset,
  rule: sources.join(', '),
  message: `${record}: ${detail}`,
});
