/**
 * Goes through a stream once, record by record, in memory that does not grow
 * with it: a body is held only when its rule wants it whole, and page data
 * is passed over unless the sink asks for it.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { ByteCursor } from '../framing/byte-source.ts';
import type { FramingError } from '../framing/errors.ts';
import { hex } from '../framing/errors.ts';
import {
  decodeRecordHeader,
  firstNonZero,
  isOptionalType,
  paddingOf,
  REC_LENGTH_MAX,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  recordBytes,
  viewOf,
} from '../framing/record.ts';
import { type Finding, findingOf, type Judgement, type Severity } from './finding.ts';
import type { BodyContext, Format, ListedBody, OpenFormat, RecordRule } from './format.ts';
import { lengthFinding } from './length.ts';
import { OrderTracker } from './order.ts';

/** Who is told what the walk meets. All offsets are stream offsets. */
export interface StreamSink {
  /** A format's header has been read. */
  readonly header: (layer: string, offset: number, open: OpenFormat) => void;
  /** Something is wrong or notable; `false` ends the walk. */
  readonly finding: (layer: string, record: string, finding: Finding) => boolean;
  /** A record is through. `body` is there when its rule holds it whole. */
  readonly record: (
    layer: string,
    header: RecordHeader,
    rule: RecordRule | undefined,
    notes: readonly string[],
    body: Uint8Array | undefined,
  ) => void;
  /** The items of a listed body, one by one; without this they are skipped. */
  readonly item?: (index: number, item: Uint8Array) => void;
  /** Called before the items: which they are. Valid during the call only. */
  readonly list?: (head: DataView, list: DataView, context: BodyContext) => void;
}

/** How a walk ended: at the stream's end, or at the first thing unreadable. */
export type WalkEnd = 'complete' | 'stopped';

interface Layer {
  readonly format: Format;
  readonly open: OpenFormat;
  readonly order: OrderTracker;
  /** The layer that yielded to this one and may be resumed. */
  yielded: Layer | undefined;
}

/** Whether the walk goes on after a step. */
const STOP = 'stop';
type Step = 'go' | typeof STOP;

/** One walk through one stream. */
export class StreamWalk {
  readonly #cursor: ByteCursor;
  readonly #sink: StreamSink;
  readonly #outer: Layer[] = [];
  #layer: Layer | undefined;
  #behindEnd: Severity = 'error';
  #record = 'header';
  /** The record that the walk is in, for what is said when it is cut short. */
  #inside: RecordHeader | undefined;

  constructor(cursor: ByteCursor, sink: StreamSink) {
    this.#cursor = cursor;
    this.#sink = sink;
  }

  /** Once only. The cursor stands at the header. */
  async run(format: Format): Promise<WalkEnd> {
    if ((await this.#enter(format)) === STOP) return 'stopped';
    while (this.#layer !== undefined) {
      if ((await this.#step(this.#layer)) === STOP) return 'stopped';
    }
    return (await this.#trailing()) === STOP ? 'stopped' : 'complete';
  }

  async #enter(format: Format): Promise<Step> {
    const { offset } = this.#cursor;
    this.#record = 'header';
    this.#inside = undefined;
    const bytes = await this.#cursor.take(format.headerBytes, `${format.name} header`);
    if (E.isLeft(bytes)) return this.#broken(format.name, bytes.left);
    const open = format.open(bytes.right, offset);
    if (E.isLeft(open)) {
      this.#sink.finding(format.name, this.#record, open.left);
      return STOP;
    }
    const { wraps } = open.right;
    if (wraps !== undefined) {
      this.#sink.header(format.name, offset, open.right);
      if (this.#tell(format.name, open.right.findings) === STOP) return STOP;
      const passed = await this.#cursor.skip(wraps.skip, `${format.name} header`);
      if (E.isLeft(passed)) return this.#broken(format.name, passed.left);
      return this.#enter(wraps.format);
    }
    if (this.#layer !== undefined) this.#outer.push(this.#layer);
    else this.#behindEnd = open.right.behindEnd ?? 'error';
    this.#layer = {
      format,
      open: open.right,
      order: new OrderTracker(open.right),
      yielded: undefined,
    };
    this.#sink.header(format.name, offset, open.right);
    return this.#tell(format.name, open.right.findings);
  }

  async #step(layer: Layer): Promise<Step> {
    const cursor = this.#cursor;
    const offset = cursor.offset;
    this.#record = 'record header';
    this.#inside = undefined;
    const taken = cursor.tryTake(RECORD_HEADER_BYTES);
    const bytes =
      taken === undefined
        ? await cursor.take(RECORD_HEADER_BYTES, 'record header')
        : E.right<FramingError, Uint8Array>(taken);
    const name = layer.format.name;
    if (E.isLeft(bytes)) return this.#broken(name, bytes.left);
    const limit = layer.open.lengthLimit ?? REC_LENGTH_MAX;
    const view = viewOf(bytes.right);
    const header = decodeRecordHeader(view, 0, offset, layer.open.endian, limit);
    if (E.isLeft(header)) return this.#broken(name, header.left);
    this.#inside = header.right;
    const rule = layer.open.records.get(header.right.type);
    return rule === undefined
      ? this.#unknown(layer, header.right)
      : this.#known(layer, header.right, rule);
  }

  async #unknown(layer: Layer, header: RecordHeader): Promise<Step> {
    this.#record = hex(header.type, 8);
    const optional = isOptionalType(header.type);
    const told = this.#tell(layer.format.name, [
      {
        severity: optional ? 'note' : 'error',
        offset: header.offset,
        rule: 'F10.3',
        message: optional
          ? `optional record ${hex(header.type)} is not known: passed over`
          : `mandatory record ${hex(header.type)} is not known`,
      },
    ]);
    if (told === STOP) return STOP;
    if ((await this.#skip(layer, header.length)) === STOP) return STOP;
    this.#sink.record(layer.format.name, header, undefined, [], undefined);
    return this.#padding(layer, header);
  }

  async #known(layer: Layer, header: RecordHeader, rule: RecordRule): Promise<Step> {
    this.#record = rule.name;
    const name = layer.format.name;
    const length = lengthFinding(header, rule);
    const place = layer.order.see(header, rule);
    const remark = rule.remark === undefined ? [] : [{ ...rule.remark, offset: header.offset }];
    if (this.#tell(name, [...place, ...remark, ...length]) === STOP) return STOP;
    const done =
      length.length > 0 || rule.body.kind === 'opaque'
        ? await this.#opaque(layer, header, rule)
        : rule.body.kind === 'whole'
          ? await this.#whole(layer, header, rule, rule.body.judge)
          : await this.#listed(layer, header, rule, rule.body);
    if (done === STOP || (await this.#padding(layer, header)) === STOP) return STOP;
    return this.#flow(layer, rule);
  }

  async #opaque(layer: Layer, header: RecordHeader, rule: RecordRule): Promise<Step> {
    if ((await this.#skip(layer, header.length)) === STOP) return STOP;
    this.#sink.record(layer.format.name, header, rule, [], undefined);
    return 'go';
  }

  async #whole(
    layer: Layer,
    header: RecordHeader,
    rule: RecordRule,
    judge: (body: DataView, context: BodyContext) => Judgement,
  ): Promise<Step> {
    const context = contextOf(header, layer);
    const body = await this.#take(layer, header.length);
    if (body === undefined) return STOP;
    const { notes, findings } = judge(viewOf(body), context);
    const watched = layer.open.watch?.({ ...header, body }) ?? [];
    if (this.#tell(layer.format.name, [...findings, ...watched]) === STOP) return STOP;
    this.#sink.record(layer.format.name, header, rule, notes, body);
    return 'go';
  }

  async #listed(
    layer: Layer,
    header: RecordHeader,
    rule: RecordRule,
    body: ListedBody,
  ): Promise<Step> {
    const context = contextOf(header, layer);
    const first = await this.#take(layer, body.headBytes);
    if (first === undefined) return STOP;
    // The head may be a view on a chunk that the next wait replaces.
    const head = viewOf(first.slice());
    const room = header.length - body.headBytes;
    const listBytes = Math.min(body.listBytes(head, context.little), room);
    const list = await this.#take(layer, listBytes);
    if (list === undefined) return STOP;
    const { notes, findings, items } = body.judge(head, viewOf(list), context);
    if (this.#tell(layer.format.name, findings) === STOP) return STOP;
    const left = room - listBytes;
    const agree = left === items * body.itemBytes;
    if (this.#sink.item === undefined || !agree) {
      if ((await this.#skip(layer, left)) === STOP) return STOP;
    } else {
      this.#sink.list?.(head, viewOf(list), context);
      for (let index = 0; index < items; index += 1) {
        const item = await this.#take(layer, body.itemBytes);
        if (item === undefined) return STOP;
        this.#sink.item(index, item);
      }
    }
    this.#sink.record(layer.format.name, header, rule, notes, undefined);
    return 'go';
  }

  #flow(layer: Layer, rule: RecordRule): Promise<Step> | Step {
    switch (rule.flow?.kind) {
      case undefined:
        return 'go';
      case 'enter':
        return this.#enter(rule.flow.format);
      case 'end': {
        const offset = this.#cursor.offset - RECORD_HEADER_BYTES;
        const missing = layer.order.missing(offset);
        const unended = layer.yielded === undefined ? [] : [unendedFinding(layer.yielded, offset)];
        this.#layer = this.#outer.pop();
        return this.#tell(layer.format.name, [...missing, ...unended]);
      }
      case 'yield': {
        const outer = this.#outer.pop();
        if (outer === undefined) return 'go';
        outer.yielded = layer;
        this.#layer = outer;
        return 'go';
      }
      case 'resume': {
        const inner = layer.yielded;
        if (inner === undefined) {
          const message = `${rule.name}, but no stream inside has yielded`;
          const offset = this.#cursor.offset - RECORD_HEADER_BYTES;
          return this.#tell(layer.format.name, [
            { severity: 'error', offset, rule: 'F10.5', message },
          ]);
        }
        layer.yielded = undefined;
        this.#outer.push(layer);
        this.#layer = inner;
        return 'go';
      }
    }
  }

  async #padding(layer: Layer, header: RecordHeader): Promise<Step> {
    const length = paddingOf(header.length);
    if (length === 0) return 'go';
    const padding = await this.#take(layer, length);
    if (padding === undefined) return STOP;
    const bad = firstNonZero(padding, 0, length);
    if (bad < 0) return 'go';
    const offset = this.#cursor.offset - length + bad;
    const found = findingOf({ kind: 'nonzero-padding', offset, type: header.type });
    const severity = layer.open.padding ?? found.severity;
    return this.#tell(layer.format.name, [{ ...found, severity }]);
  }

  /** What follows the record that ended the outermost format. */
  async #trailing(): Promise<Step> {
    this.#record = 'END';
    this.#inside = undefined;
    const offset = this.#cursor.offset;
    const end = await this.#cursor.atEnd();
    if (E.isLeft(end)) return this.#broken('stream', end.left);
    if (end.right) return 'go';
    const message = 'bytes behind the END record of the stream';
    return this.#tell('stream', [{ severity: this.#behindEnd, offset, rule: 'F10.5', message }]);
  }

  async #take(layer: Layer, length: number): Promise<Uint8Array | undefined> {
    const now = this.#cursor.tryTake(length);
    if (now !== undefined) return now;
    const later = await this.#cursor.take(length, this.#record);
    if (E.isRight(later)) return later.right;
    this.#broken(layer.format.name, later.left);
    return undefined;
  }

  async #skip(layer: Layer, length: number): Promise<Step> {
    if (this.#cursor.trySkip(length)) return 'go';
    const done = await this.#cursor.skip(length, this.#record);
    return E.isLeft(done) ? this.#broken(layer.format.name, done.left) : 'go';
  }

  #broken(layer: string, error: FramingError): Step {
    const finding = findingOf(this.#asWhole(error));
    this.#sink.finding(layer, this.#record, finding);
    return STOP;
  }

  /** A record cut short is told by its own offset, wherever the cut is. */
  #asWhole(error: FramingError): FramingError {
    if (error.kind !== 'truncated' || this.#inside === undefined) return error;
    const { offset, length } = this.#inside;
    const available = this.#cursor.offset - offset;
    return { ...error, what: this.#record, offset, wanted: recordBytes(length), available };
  }

  #tell(layer: string, findings: readonly Finding[]): Step {
    for (const finding of findings) {
      if (!this.#sink.finding(layer, this.#record, finding)) return STOP;
    }
    return 'go';
  }
}

const contextOf = (header: RecordHeader, layer: Layer): BodyContext => ({
  offset: header.offset + RECORD_HEADER_BYTES,
  length: header.length,
  little: layer.open.endian === 'little',
});

const unendedFinding = (layer: Layer, offset: number): Finding => ({
  severity: 'error',
  offset,
  rule: 'F10.5',
  message: `the ${layer.format.name} stream inside has no END`,
});
