/** The hands of a crew: sent for, waited for, let go. */
import { Unexplorable } from '../problem.ts';
import type { Hand, Hiring, Share } from './hands.ts';

/** Milliseconds between two looks at hands that are busy. */
const WATCH = 50;

export class Staff {
  private readonly count: number;
  private readonly hiring: Hiring;
  /** Whether the hands to be had are those that work by code alone. */
  private lean: boolean;
  private ended = false;
  private trouble: unknown;
  /** Those who are there. */
  hands: readonly Hand[] | undefined;
  /** Kept when those who were sent for are there. */
  coming: Promise<void> | undefined;

  constructor(count: number, hiring: Hiring) {
    this.count = count;
    this.hiring = hiring;
    this.lean = hiring.lean !== undefined;
  }

  get byCode(): boolean {
    return this.lean;
  }

  /** Sends for hands, the first time. */
  send(share: Omit<Share, 'index'>): void {
    const { count, lean } = this;
    const hire = lean ? this.hiring.lean : this.hiring.knowing;
    if (this.coming !== undefined || hire === undefined) return;
    // One of those who search is this thread.
    const places = Array.from({ length: count - 1 }, (_, i) => i + 1 + (lean ? 0 : count));
    this.coming = Promise.all(places.map((index) => hire({ ...share, index }))).then(
      (hands) => {
        if (this.ended || this.lean !== lean) for (const hand of hands) hand.end();
        else this.hands = hands;
      },
      (problem: unknown) => {
        this.trouble = problem;
      },
    );
  }

  /**
   * Lets hands go that the code does not help; others come if there are any.
   *
   * @returns false if there are none
   */
  doWithoutCode(): boolean {
    if (this.hiring.knowing === undefined) return false;
    this.lean = false;
    this.coming = undefined;
    this.letGo();
    return true;
  }

  /** Lets all go, for good. */
  end(): void {
    this.ended = true;
    this.letGo();
  }

  private letGo(): void {
    for (const hand of this.hands ?? []) hand.end();
    this.hands = undefined;
  }

  /** What hands will have done; the wait for it yields now and then. */
  outcome<T>(doing: readonly Promise<T>[]): Generator<Promise<unknown>, readonly T[]> {
    const given: { answers?: readonly T[] } = {};
    // Heard of at once, not when it is waited for: nobody else does if one is lost.
    const all = Promise.all(doing).then(
      (answers) => {
        given.answers = answers;
      },
      (problem: unknown) => {
        this.trouble = problem;
      },
    );
    return this.wait(all, given);
  }

  private *wait<T>(
    all: Promise<void>,
    given: { readonly answers?: readonly T[] },
  ): Generator<Promise<unknown>, readonly T[]> {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const tick = new Promise((resolve) => {
        timer = setTimeout(resolve, WATCH);
      });
      yield Promise.race([all, tick]).finally(() => clearTimeout(timer));
      this.complain();
      if (given.answers !== undefined) return given.answers;
    }
  }

  /** @throws Unexplorable if a hand could not be had, or was lost */
  complain(): void {
    const { trouble } = this;
    if (trouble === undefined) return;
    if (trouble instanceof Unexplorable) throw trouble;
    const reason = trouble instanceof Error ? trouble.message : String(trouble);
    throw new Unexplorable('options.subject', `a worker ended: ${reason}`);
  }
}
