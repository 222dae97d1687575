/**
 * One numbering of values for several threads: a log in shared memory, in the
 * order in which values and places were first seen by anyone. A thread reads
 * it to the end before it adds, so that all give the same numbers.
 */
import { deserialize, serialize } from 'node:v8';
import type { ContextTree } from '../context.ts';
import type { Desc, Numbering, Slots } from '../slots.ts';

/** Thrown if there is no room for another state or another value. */
export const needsRoom: unique symbol = Symbol('needs room');

/** What is kept in `control` of shared memory, by index. */
export const AT = {
  /** 1 while a thread adds to the log. */
  lock: 0,
  /** Bytes of the log in use. */
  log: 1,
  /** The next state of the level to be expanded. */
  cursor: 2,
  /** Numbers of states given out. */
  numbers: 3,
  /** 1 if all are to come to a stop. */
  stop: 4,
} as const;

/** An entry's length stands before it. */
const HEAD = 4;

type Entry = readonly [slot: number, desc: Desc] | readonly [slot: number, key: string | number];

export class Ledger implements Numbering {
  private readonly control: Int32Array;
  /** The log; a larger one may take its place while nobody adds. */
  log: SharedArrayBuffer;
  private readonly slots: Slots;
  private readonly context: ContextTree;
  private taken = 0;

  constructor(control: Int32Array, log: SharedArrayBuffer, slots: Slots, context: ContextTree) {
    this.control = control;
    this.log = log;
    this.slots = slots;
    this.context = context;
  }

  exclusively<T>(body: () => T): T {
    const { control } = this;
    while (Atomics.compareExchange(control, AT.lock, 0, 1) !== 0) Atomics.wait(control, AT.lock, 1);
    try {
      this.catchUp();
      return body();
    } finally {
      Atomics.store(control, AT.lock, 0);
      Atomics.notify(control, AT.lock, 1);
    }
  }

  value(slot: number, desc: Desc): void {
    this.write([slot, desc]);
  }

  place(slot: number, key: string | number): void {
    this.write([slot, key]);
  }

  /** Takes over what other threads have added. */
  catchUp(): void {
    const end = Atomics.load(this.control, AT.log);
    if (this.taken === end) return;
    const { slots, context } = this;
    slots.numbering = undefined;
    const view = new DataView(this.log);
    while (this.taken < end) {
      const length = view.getUint32(this.taken);
      const from = this.taken + HEAD;
      // A copy: what is read from shared memory would share it.
      const bytes = new Uint8Array(this.log, from, length).slice();
      const [slot, what] = deserialize(bytes) as Entry;
      this.taken = from + length;
      if (typeof what !== 'object') {
        context.regrow([[slot, what]]);
        continue;
      }
      const domain = slots.domains[slot];
      if (domain !== undefined) slots.idOf(domain, what);
    }
    slots.numbering = this;
  }

  /** Twice the room, where nobody else is at work. */
  enlarge(): void {
    const larger = new SharedArrayBuffer(2 * this.log.byteLength);
    new Uint8Array(larger).set(new Uint8Array(this.log));
    this.log = larger;
  }

  private write(entry: Entry): void {
    const bytes = serialize(entry);
    const end = this.taken + HEAD + bytes.length;
    if (end > this.log.byteLength) throw needsRoom;
    new DataView(this.log).setUint32(this.taken, bytes.length);
    new Uint8Array(this.log).set(bytes, this.taken + HEAD);
    this.taken = end;
    Atomics.store(this.control, AT.log, end);
  }
}
