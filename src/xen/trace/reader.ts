/**
 * The whole path from bytes to ordered records: framing, rounds, merge.
 * Memory is bounded by the records of the rounds held back, whatever the
 * file's size, and by `maxPendingBytes`, whatever the file says.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Segment } from './cpu-queue.ts';
import type { TraceError } from './errors.ts';
import { TraceFraming, type WindowSink } from './framing.ts';
import { END_OF_TIME, TraceMerge, type TraceVisitor } from './merge.ts';
import { compareHalves, type U64 } from './u64.ts';

/** Bounds of a reading; both have defaults that fit xentrace. */
export interface ReadOptions {
  /**
   * Rounds held back before merging, 1 to 1000. 2 is what the way xentrace
   * works allows to rely on (`merge.ts`); more tolerates CPUs whose TSCs
   * disagree by more than a round.
   */
  readonly holdRounds?: number;
  /**
   * Most bytes that may wait for the merge. Xen's buffer size (xentrace -S,
   * in pages) times CPUs times (`holdRounds` + 1) is always enough.
   */
  readonly maxPendingBytes?: number;
  /**
   * Called once when the file is over, before the first record of its tail.
   * xentrace writes the buffers one after the other, so at the end of a file
   * one CPU's last records are older than another's: from the tail on,
   * records of some CPU are missing that others' records may depend on.
   */
  readonly onTail?: () => void;
}

/** What was read; the counts are of the whole file as far as it was read. */
export interface TraceTotals {
  /** All records: those visited, CPU_CHANGE, and padding. */
  readonly records: number;
  /** Records handed to the visitor. */
  readonly visited: number;
  /** CPU_CHANGE records. */
  readonly windows: number;
  /** WRAP_BUFFER records. */
  readonly wraps: number;
  /** Times that xentrace began again with its lowest CPU that had news. */
  readonly rounds: number;
  /** Bytes of the decompressed file. */
  readonly bytes: number;
  /** CPUs that have a window, ascending. */
  readonly cpus: readonly number[];
  /** Most bytes that waited for the merge at any time. */
  readonly peakPendingBytes: number;
  /** Whether the visitor ended the reading. */
  readonly stopped: boolean;
}

const DEFAULT_HOLD_ROUNDS = 2;
const DEFAULT_PENDING_BYTES = 256 * 1024 * 1024;
const MAX_HOLD_ROUNDS = 1000;

const clampRounds = (rounds: number): number =>
  Number.isInteger(rounds) ? Math.min(Math.max(rounds, 1), MAX_HOLD_ROUNDS) : DEFAULT_HOLD_ROUNDS;

/**
 * Push reader. After an error or a stop further bytes are ignored and the
 * same answer is given. Records that were read before an error are handed to
 * the visitor before `push` or `end` answers it.
 */
export class TraceReader {
  readonly #framing: TraceFraming;
  readonly #merge: TraceMerge;
  readonly #holdRounds: number;
  readonly #bound: number;
  /** For each round held back, the newest TSC up to its end; oldest first. */
  readonly #roundEnds: U64[] = [];
  /** For each CPU with a window in the round under way, the last TSC in it. */
  readonly #lastOfRound = new Map<number, U64>();
  readonly #onTail: (() => void) | undefined;
  /** Newest TSC when the round under way began. */
  #roundStart: U64 = { hi: 0, lo: 0 };
  #newestHi = 0;
  #newestLo = 0;
  #rounds = 0;
  #lastCpu = -1;
  #peak = 0;
  #failed: TraceError | undefined;

  constructor(visit: TraceVisitor, options: ReadOptions = {}) {
    this.#merge = new TraceMerge(visit);
    this.#holdRounds = clampRounds(options.holdRounds ?? DEFAULT_HOLD_ROUNDS);
    this.#bound = options.maxPendingBytes ?? DEFAULT_PENDING_BYTES;
    this.#onTail = options.onTail;
    const sink: WindowSink = {
      open: (cpu) => this.#open(cpu),
      records: (segment) => this.#records(segment),
      close: (hi, lo, stamped) => this.#close(hi, lo, stamped),
    };
    this.#framing = new TraceFraming(sink);
  }

  /** Whether the visitor asked for the end: nothing more need be pushed. */
  get stopped(): boolean {
    return this.#merge.stopped;
  }

  /** What was read so far, also after an error. */
  get totals(): TraceTotals {
    return {
      records: this.#framing.records,
      visited: this.#merge.visited,
      windows: this.#framing.windows,
      wraps: this.#merge.wraps,
      rounds: this.#rounds,
      bytes: this.#framing.bytes,
      cpus: this.#merge.cpus,
      peakPendingBytes: this.#peak,
      stopped: this.stopped,
    };
  }

  /** Takes the next bytes of the file; the chunk may be reused afterwards. */
  push(chunk: Uint8Array): E.Either<TraceError, void> {
    if (this.#failed !== undefined) return E.left(this.#failed);
    if (this.stopped) return E.right(undefined);
    const pushed = this.#framing.push(chunk);
    return E.isLeft(pushed) ? this.#fail(pushed.left) : pushed;
  }

  /** The file is over: merges what is left. */
  end(): E.Either<TraceError, TraceTotals> {
    if (this.#failed !== undefined) return E.left(this.#failed);
    if (!this.stopped) {
      const ended = this.#framing.end();
      if (E.isLeft(ended)) return this.#fail(ended.left);
      const drained = this.#drainAll();
      if (E.isLeft(drained)) return this.#fail(drained.left);
    }
    return E.right(this.totals);
  }

  /** Ends the reading with an error found outside, e.g. of the file itself. */
  fail(error: TraceError): E.Either<TraceError, never> {
    return this.#failed === undefined ? this.#fail(error) : E.left(this.#failed);
  }

  /** Hands out what stands before the error; an error in that is the earlier one. */
  #fail(error: TraceError): E.Either<TraceError, never> {
    this.#failed = error;
    if (error.code === 'disorder' || error.code === 'tsc-backwards') return E.left(error);
    const drained = this.#drainAll();
    if (E.isLeft(drained)) this.#failed = drained.left;
    return E.left(this.#failed);
  }

  #drainAll(): E.Either<TraceError, void> {
    if (this.#onTail !== undefined) {
      const complete = this.#merge.drain(this.#completeUntil());
      if (E.isLeft(complete) || this.#merge.stopped) return complete;
      this.#onTail();
    }
    return this.#merge.drain(END_OF_TIME);
  }

  /**
   * Up to here the file has all records of every CPU: to the last record of
   * those that the last round has news of, to the end of the round before of
   * the others.
   */
  #completeUntil(): U64 {
    let least = END_OF_TIME;
    for (const cpu of this.#merge.cpus) {
      const last = this.#lastOfRound.get(cpu) ?? this.#roundStart;
      if (compareHalves(last.hi, last.lo, least.hi, least.lo) < 0) least = last;
    }
    return least;
  }

  /** A CPU number that does not ascend begins a new round. */
  #open(cpu: number): E.Either<TraceError, void> {
    const begins = cpu <= this.#lastCpu || this.#lastCpu < 0;
    this.#lastCpu = cpu;
    this.#merge.queueOf(cpu);
    if (!begins) return E.right(undefined);
    this.#rounds += 1;
    this.#lastOfRound.clear();
    this.#roundStart = { hi: this.#newestHi, lo: this.#newestLo };
    this.#roundEnds.push({ hi: this.#newestHi, lo: this.#newestLo });
    const limit =
      this.#roundEnds.length > this.#holdRounds - 1 ? this.#roundEnds.shift() : undefined;
    return limit === undefined ? E.right(undefined) : this.#merge.drain(limit);
  }

  #records(segment: Segment): E.Either<TraceError, void> {
    const merge = this.#merge;
    if (merge.stopped) return E.right(undefined);
    merge.append(this.#lastCpu, segment);
    const pending = merge.pendingBytes;
    if (pending > this.#peak) this.#peak = pending;
    return pending > this.#bound
      ? E.left({
          code: 'pending-over-bound',
          offset: segment.base + segment.start,
          bound: this.#bound,
        })
      : E.right(undefined);
  }

  #close(hi: number, lo: number, stamped: boolean): void {
    if (stamped) this.#lastOfRound.set(this.#lastCpu, { hi, lo });
    if (!stamped || compareHalves(hi, lo, this.#newestHi, this.#newestLo) <= 0) return;
    this.#newestHi = hi;
    this.#newestLo = lo;
  }
}
