/**
 * Bytes in chunks of any size become windows of whole records. Everything
 * that the format promises is checked here, before a record reaches the
 * merge; nothing is allocated for a length that the bytes do not back.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Segment } from './cpu-queue.ts';
import type { TraceError } from './errors.ts';
import {
  CPU_CHANGE,
  headerEvent,
  headerStamped,
  LOST_RECORDS,
  recordBytes,
  WRAP_BUFFER,
} from './header.ts';

/** CPU_CHANGE as xentrace writes it: no TSC, two extra words. */
const CPU_CHANGE_HEADER = 0x2001_f003;
/** LOST_RECORDS as Xen writes it: TSC, four extra words. */
const LOST_RECORDS_HEADER = 0xc001_f001;
/** Xen builds for 1 to 16383 CPUs (CONFIG_NR_CPUS). */
const MAX_CPUS = 16383;
/** A chunk is worked off in slices, so that memory frees as the merge proceeds. */
const SLICE_BYTES = 256 * 1024;

/** Where the framing puts what it finds. An error ends the reading. */
export interface WindowSink {
  /** A window of `cpu` starts. */
  open(cpu: number): E.Either<TraceError, void>;
  /** Whole records of the open window. */
  records(segment: Segment): E.Either<TraceError, void>;
  /** The window is complete; the pair is the last TSC in it, if it has one. */
  close(tscHi: number, tscLo: number, stamped: boolean): void;
}

/** The push side: bytes in, windows out. */
export class TraceFraming {
  /** Records seen, CPU_CHANGE and padding included. */
  records = 0;
  /** CPU_CHANGE records seen. */
  windows = 0;
  readonly #sink: WindowSink;
  #carry = new Uint8Array(0);
  /** File offset of the first byte of `#carry`. */
  #offset = 0;
  #cpu = -1;
  #left = 0;
  #tscHi = 0;
  #tscLo = 0;
  #stamped = false;

  constructor(sink: WindowSink) {
    this.#sink = sink;
  }

  /** Bytes taken, those of an unfinished record included. */
  get bytes(): number {
    return this.#offset + this.#carry.length;
  }

  /** Takes the next bytes of the file. They are copied. */
  push(chunk: Uint8Array): E.Either<TraceError, void> {
    for (let from = 0; from < chunk.length; from += SLICE_BYTES) {
      const done = this.#slice(chunk.subarray(from, from + SLICE_BYTES));
      if (E.isLeft(done)) return done;
    }
    return E.right(undefined);
  }

  /** The file is over. */
  end(): E.Either<TraceError, void> {
    if (this.#carry.length > 0) {
      return E.left({
        code: 'truncated-record',
        offset: this.#offset,
        bytes: this.#carry.length,
      });
    }
    if (this.#left > 0) {
      return E.left({
        code: 'truncated-window',
        offset: this.#offset,
        cpu: this.#cpu,
        missing: this.#left,
      });
    }
    return E.right(undefined);
  }

  #slice(slice: Uint8Array): E.Either<TraceError, void> {
    const joined = new Uint8Array(this.#carry.length + slice.length);
    joined.set(this.#carry, 0);
    joined.set(slice, this.#carry.length);
    const view = new DataView(joined.buffer);
    const base = this.#offset;
    const end = joined.length;
    let at = 0;
    while (end - at >= 4) {
      if (this.#left > 0) {
        const next = this.#window(view, at, base);
        if (E.isLeft(next)) return next;
        if (next.right === at) break;
        at = next.right;
      } else {
        const header = view.getUint32(at, true);
        const wrong = this.#changeError(header, base + at);
        if (wrong !== undefined) return E.left(wrong);
        if (end - at < recordBytes(header)) break;
        const opened = this.#change(view, at, base + at);
        if (E.isLeft(opened)) return opened;
        at += recordBytes(header);
      }
    }
    this.#carry = joined.slice(at);
    this.#offset = base + at;
    return E.right(undefined);
  }

  /** Between windows only CPU_CHANGE can stand. */
  #changeError(header: number, offset: number): TraceError | undefined {
    const event = headerEvent(header);
    if (event !== CPU_CHANGE && this.#cpu < 0) return { code: 'no-window', offset, event };
    if (event !== CPU_CHANGE) {
      return {
        code: 'record-over-window',
        offset,
        cpu: this.#cpu,
        event,
        bytes: recordBytes(header),
        left: 0,
      };
    }
    return header === CPU_CHANGE_HEADER ? undefined : { code: 'bad-cpu-change', offset, header };
  }

  #change(view: DataView, at: number, offset: number): E.Either<TraceError, void> {
    const cpu = view.getUint32(at + 4, true);
    const bytes = view.getUint32(at + 8, true);
    if (cpu >= MAX_CPUS) return E.left({ code: 'cpu-out-of-range', offset, cpu });
    if (bytes % 4 !== 0) return E.left({ code: 'window-misaligned', offset, bytes });
    this.records += 1;
    this.windows += 1;
    this.#cpu = cpu;
    this.#left = bytes;
    this.#stamped = false;
    return this.#sink.open(cpu);
  }

  /**
   * Checks and passes on the whole records of the open window from `at` on.
   * Answers the index behind them: `at` itself when the next record is not
   * complete yet.
   */
  #window(view: DataView, start: number, base: number): E.Either<TraceError, number> {
    const limit = view.byteLength;
    let at = start;
    let left = this.#left;
    let tscAt = -1;
    let count = 0;
    while (left > 0 && limit - at >= 4) {
      const header = view.getUint32(at, true);
      const bytes = recordBytes(header);
      const event = headerEvent(header);
      // One test keeps the usual record off the path of the special ones.
      if ((event & 0x0fff_f000) === 0x1_f000 || bytes > left) {
        const wrong = this.#specialError(header, base + at, left);
        if (wrong !== undefined) return E.left(wrong);
      }
      if (limit - at < bytes) break;
      if (headerStamped(header) && event !== WRAP_BUFFER) tscAt = at + 4;
      count += 1;
      at += bytes;
      left -= bytes;
    }
    this.records += count;
    this.#left = left;
    if (tscAt >= 0) {
      this.#tscLo = view.getUint32(tscAt, true);
      this.#tscHi = view.getUint32(tscAt + 4, true);
      this.#stamped = true;
    }
    if (at > start) {
      const taken = this.#sink.records({ bytes: view, start, end: at, base });
      if (E.isLeft(taken)) return taken;
    }
    if (left === 0) this.#sink.close(this.#tscHi, this.#tscLo, this.#stamped);
    return E.right(at);
  }

  #specialError(header: number, offset: number, left: number): TraceError | undefined {
    const event = headerEvent(header);
    const bytes = recordBytes(header);
    const cpu = this.#cpu;
    if (event === CPU_CHANGE) return { code: 'window-unfinished', offset, cpu, missing: left };
    if (bytes > left) return { code: 'record-over-window', offset, cpu, event, bytes, left };
    return event === LOST_RECORDS && header !== LOST_RECORDS_HEADER
      ? { code: 'bad-lost-records', offset, header }
      : undefined;
  }
}
