/**
 * A hand that has the code of another thread and no machine of its own: it
 * starts at once and learns nothing. States that the code cannot settle are
 * left to whoever sent it.
 */
import { type Code, codeOf } from '../code.ts';
import { type Chore, type Hired, help } from './hands.ts';
import { AT, needsRoom } from './ledger.ts';
import type { Answer, Order } from './member.ts';
import { type Ranges, Slices } from './ranges.ts';
import type { SharedStore } from './shared-store.ts';
import { isOver, type Tally } from './tally.ts';

const NOTHING = new Uint8Array(0);

export class Lean implements Hired {
  private readonly store: SharedStore;
  private readonly control: Int32Array;
  private readonly tally: Tally;
  private code: Code | undefined;
  private number = -1;
  private readonly out = new Int32Array(2);
  private left: number[] = [];

  constructor(store: SharedStore, control: Int32Array, tally: Tally) {
    this.store = store;
    this.control = control;
    this.tally = tally;
  }

  /** Expands slices of a level by the order's code, pausing after each. */
  *work(order: Order): Generator<void, Answer> {
    const { store, control, tally } = this;
    const before = store.count;
    store.attach(order.buffers, 0);
    const { code, number } = this.codeFor(order);
    this.left = [];
    const done = { offered: 0, taken: 0, moved: 0 };
    const slices = new Slices(order.level, control);
    const missed = new Int32Array(order.events);
    let need: Answer['need'];
    while (need === undefined && Atomics.load(control, AT.stop) === 0) {
      if (isOver(tally)) break;
      const slice = number < 0 ? undefined : slices.next();
      if (slice === undefined) break;
      const known = store.count;
      const was = { ...done, left: this.left.length };
      try {
        this.expand(slice, code, missed, order, done);
      } catch (problem) {
        if (problem !== needsRoom) throw problem;
        // The slice is expanded anew later; its successors so far are found once.
        need = 'room';
        store.drop();
        this.left.length = was.left;
        this.left.push(...slice);
        Object.assign(done, { offered: was.offered, taken: was.taken, moved: was.moved });
        Atomics.store(control, AT.stop, 1);
      }
      tally.own[0] = (tally.own[0] as number) + store.count - known;
      tally.own[1] = (tally.own[1] as number) + done.taken - was.taken;
      yield;
    }
    return {
      found: store.takeFound(),
      left: [],
      unsettled: this.left,
      hole: store.hole,
      states: store.count - before,
      ...done,
      broken: undefined,
      dead: undefined,
      witnessed: [],
      need,
      fault: undefined,
      refusal: undefined,
      marks: NOTHING,
      nodes: NOTHING,
    };
  }

  help(chore: Chore): readonly number[] {
    this.store.attach(chore.buffers, 0);
    return help(this.store, chore);
  }

  private codeFor({ code, events }: Order): { code: Code; number: number } {
    if (code !== undefined && code.number !== this.number) {
      this.number = code.number;
      this.code = codeOf(code.text, this.store.layout.width, events);
    }
    return { code: this.code as Code, number: this.code === undefined ? -1 : this.number };
  }

  private expand(
    slice: Ranges,
    code: Code,
    missed: Int32Array,
    { deadlock }: Order,
    done: { offered: number; taken: number; moved: number },
  ): void {
    const { store, out } = this;
    const { width } = store.layout;
    for (let i = 0; i < slice.length; i += 2) {
      const end = slice[i + 1] as number;
      for (let state = slice[i] as number; state < end; state++) {
        const { waiting } = store;
        out[0] = 0;
        out[1] = 0;
        let moved = 0;
        let settled = code.holds(store.words, state * width) !== 0;
        if (settled) {
          moved = store.fill(code, state, missed, out);
          settled = out[0] === 0 && !(deadlock && out[1] === 0);
        }
        if (!settled) {
          store.waiting = waiting;
          if (this.left.at(-1) === state) this.left[this.left.length - 1] = state + 1;
          else this.left.push(state, state + 1);
          continue;
        }
        done.offered += missed.length;
        done.taken += out[1] as number;
        done.moved += moved;
        if (store.waiting > store.patience) store.settle();
      }
    }
    store.settle();
  }
}
