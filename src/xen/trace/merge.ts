/**
 * One ordered sequence out of the buffers of all CPUs, in bounded memory.
 *
 * xentrace visits the CPUs in ascending order, writes for each one window
 * with all that its buffer holds at that moment, and begins again: a *round*.
 * A record written to CPU c's buffer before the visit of round r is in a
 * window of round r or earlier; so what round r+1 brings of c happened after
 * the visit of round r, which came after every visit of round r-1. Hence when
 * round n begins, nothing that is yet to come can be older than a record of
 * round n-2, and all up to the newest TSC of that round can be merged. A CPU
 * without news writes no window, so one round may look like part of the next;
 * that only holds records longer.
 *
 * The bound therefore assumes (1) windows written in rounds of ascending CPU
 * numbers, (2) TSCs that agree between CPUs to within one round. Both are
 * checked while merging: a record older than what was already handed out is
 * the error `disorder`, never a wrong order. More rounds can be held back.
 */
import * as E from 'fp-ts/lib/Either.js';
import { CpuQueue, type Segment } from './cpu-queue.ts';
import type { TraceError } from './errors.ts';
import { headerStamped } from './header.ts';
import { RecordCursor, type TraceRecord } from './record.ts';
import { compareHalves, type U64 } from './u64.ts';

/** Sees each record in order; may answer 'stop' to end the reading. */
export type TraceVisitor = (record: TraceRecord) => 'stop' | undefined;

/** A place in time behind every possible record. */
export const END_OF_TIME: U64 = { hi: 0xffff_ffff, lo: 0xffff_ffff };

const isBefore = (a: CpuQueue, b: CpuQueue): boolean => {
  const order = compareHalves(a.keyHi, a.keyLo, b.keyHi, b.keyLo);
  return order === 0 ? a.cpu < b.cpu : order < 0;
};

/** A binary heap of the CPUs that have records, the one with the oldest head on top. */
export class TraceMerge {
  /** Records handed to the visitor. */
  visited = 0;
  /** Whether the visitor asked for the end. */
  stopped = false;
  /** Bytes of segments not yet used up. */
  pendingBytes = 0;
  readonly #visit: TraceVisitor;
  readonly #cursor = new RecordCursor();
  readonly #queues = new Map<number, CpuQueue>();
  readonly #heap: CpuQueue[] = [];
  #mergedHi = 0;
  #mergedLo = 0;

  constructor(visit: TraceVisitor) {
    this.#visit = visit;
  }

  /** Numbers of the CPUs seen, ascending. */
  get cpus(): readonly number[] {
    return [...this.#queues.keys()].sort((a, b) => a - b);
  }

  /** Padding records passed over, of all CPUs. */
  get wraps(): number {
    let sum = 0;
    for (const queue of this.#queues.values()) sum += queue.wraps;
    return sum;
  }

  /** Makes the CPU known, though it has no record yet. */
  queueOf(cpu: number): CpuQueue {
    const known = this.#queues.get(cpu);
    if (known !== undefined) return known;
    const fresh = new CpuQueue(cpu);
    this.#queues.set(cpu, fresh);
    return fresh;
  }

  /** Puts records behind what waits of their CPU. */
  append(cpu: number, segment: Segment): void {
    const queue = this.queueOf(cpu);
    const wasEmpty = queue.empty;
    queue.append(segment);
    this.pendingBytes += segment.end - segment.start;
    if (!wasEmpty) return;
    this.pendingBytes -= queue.settle();
    if (queue.empty) return;
    this.#heap.push(queue);
    this.#siftUp(this.#heap.length - 1);
  }

  /** Hands out all records up to and including the time `limit`. */
  drain(limit: U64): E.Either<TraceError, void> {
    while (!this.stopped) {
      const queue = this.#heap[0];
      if (queue === undefined) break;
      if (compareHalves(queue.keyHi, queue.keyLo, limit.hi, limit.lo) > 0) break;
      const placed = this.#place(queue);
      if (placed !== undefined) return E.left(placed);
      this.visited += 1;
      if (this.#visit(this.#cursor) === 'stop') this.stopped = true;
      this.pendingBytes -= queue.advance();
      this.pendingBytes -= queue.settle();
      if (queue.empty) this.#removeTop();
      else this.#siftDown();
    }
    return E.right(undefined);
  }

  /** Moves the cursor to the head of `queue`, or says why it does not fit. */
  #place(queue: CpuQueue): TraceError | undefined {
    const { keyHi, keyLo, header } = queue;
    const { bytes, base } = queue.segment;
    const late = compareHalves(keyHi, keyLo, this.#mergedHi, this.#mergedLo) < 0;
    if (late && queue.strict) return this.#misplaced(queue, base + queue.at);
    if (!late) {
      this.#mergedHi = keyHi;
      this.#mergedLo = keyLo;
    }
    const cursor = this.#cursor;
    cursor.moveTo(bytes, queue.at, header);
    cursor.cpu = queue.cpu;
    cursor.offset = base + queue.at;
    cursor.tscHi = this.#mergedHi;
    cursor.tscLo = this.#mergedLo;
    cursor.stamped = queue.strict;
    if (headerStamped(header)) return this.#ownTimeError(queue);
    return undefined;
  }

  /** Keeps the CPU's last own TSC, and checks that it does not go back. */
  #ownTimeError(queue: CpuQueue): TraceError | undefined {
    const hi = this.#cursor.ownTscHi();
    const lo = this.#cursor.ownTscLo();
    if (compareHalves(hi, lo, queue.lastHi, queue.lastLo) < 0) {
      return this.#misplaced(queue, this.#cursor.offset);
    }
    queue.lastHi = hi;
    queue.lastLo = lo;
    return undefined;
  }

  #misplaced(queue: CpuQueue, offset: number): TraceError {
    const { bytes } = queue.segment;
    const tsc = {
      hi: bytes.getUint32(queue.at + 8, true),
      lo: bytes.getUint32(queue.at + 4, true),
    };
    const previous = { hi: queue.lastHi, lo: queue.lastLo };
    return compareHalves(tsc.hi, tsc.lo, previous.hi, previous.lo) < 0
      ? { code: 'tsc-backwards', offset, cpu: queue.cpu, tsc, previous }
      : {
          code: 'disorder',
          offset,
          cpu: queue.cpu,
          tsc,
          merged: { hi: this.#mergedHi, lo: this.#mergedLo },
        };
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #siftDown(): void {
    const heap = this.#heap;
    const moving = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      const least = right !== undefined && isBefore(right, left) ? right : left;
      if (least === right) child += 1;
      if (!isBefore(least, moving)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = moving;
  }
}
