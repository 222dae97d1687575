/** When to make code of what was learned, and how long it is good. */
import { type Code, type CodeText, codeOf } from './code.ts';
import { Compiler } from './compile.ts';
import type { Search } from './search.ts';

/** States expanded without code before it is made, for what shows early would be written again. */
const CALM = 2048;

/** Events that code did not know, before it is made anew; twice as many each time. */
const PATIENCE = 4096;

/** Some places allow no code that is made at run time. */
const CAN = ((): boolean => {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
})();

export class Compiling {
  private readonly search: Search;
  /** The events that code is made for; none if there is to be no code. */
  readonly events: Int32Array;
  private made: Code | undefined;
  private text: CodeText | undefined;
  /** Rises whenever code is made. */
  private number = 0;
  /** What the code rests on. */
  private epoch = -1;
  private layout = -1;
  private serial = -1;
  private calm = 0;
  /** So many states are to be expanded before there is code. */
  private due = CALM;
  private patience = PATIENCE;
  private missed = 0;

  constructor(search: Search) {
    this.search = search;
    const { normalise, stopWhenDone, all } = search.watch;
    const none = normalise !== undefined || stopWhenDone || all === undefined;
    this.events = none ? new Int32Array(0) : all;
  }

  /** False if there is never to be any. */
  get possible(): boolean {
    return CAN && this.events.length > 0;
  }

  /** The code, if there is one that still holds. */
  code(): Code | undefined {
    if (this.events.length === 0) return undefined;
    const { slots } = this.search.engine;
    const { serial } = this.search.store.layout;
    const holds = this.holds();
    if (holds && this.made !== undefined) {
      if (this.missed < this.patience) return this.made;
      this.patience *= 2;
      this.make();
      return this.made;
    }
    if (!holds) {
      this.made = undefined;
      this.calm = 0;
      this.due = this.search.watch.calm ?? CALM;
      this.epoch = slots.epoch;
      this.layout = slots.layout;
      this.serial = serial;
    }
    if (++this.calm >= this.due) {
      // A case takes about as long to be written and compiled as a state to be expanded without.
      const { watch, engine } = this.search;
      if (watch.calm === undefined) this.due = Math.max(this.due, engine.cases);
      if (this.calm >= this.due) {
        this.make();
        this.due = Number.POSITIVE_INFINITY;
      }
    }
    return this.made;
  }

  /** The text of the code, if there is some that still holds, and a number to tell it by. */
  current(): { readonly text: CodeText; readonly number: number } | undefined {
    const { text, number } = this;
    return text === undefined || this.made === undefined || !this.holds()
      ? undefined
      : { text, number };
  }

  private holds(): boolean {
    const { engine, store } = this.search;
    const { epoch, layout } = engine.slots;
    const { serial } = store.layout;
    return this.epoch === epoch && this.layout === layout && this.serial === serial;
  }

  /** So many events were not known to the code. */
  misses(count: number): void {
    this.missed += count;
  }

  private make(): void {
    this.missed = 0;
    const { engine, store, watch } = this.search;
    const { layout } = store;
    // The layout must have room for all ids, and know nothing of ways.
    if (layout.width !== layout.keyWidth || !layout.fits(engine.slots)) return;
    if (!CAN) return;
    this.text = new Compiler(engine, layout).compile(this.events, watch.questions);
    this.made = codeOf(this.text, layout.width, this.events.length);
    this.number++;
  }
}
