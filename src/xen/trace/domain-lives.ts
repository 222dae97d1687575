/** Which life a domain id stands for at each point of a trace. */
import {
  type DomainLife,
  finishedLife,
  type LifeDraft,
  type Moment,
  newLife,
} from './domain-life.ts';

/** Lives kept; a host has at most 32752 domain ids, reused over time. */
const MOST_LIVES = 65_536;

/**
 * An id may be given away again as soon as the last reference of its domain
 * is dropped, while RCU still holds the old structure: then two lives of one
 * id are there at once, and SCHED_DOM_REM is of the older.
 */
export class DomainLives {
  /** Lives beyond the bound, which are not kept. */
  leftOut = 0;
  readonly #lives: LifeDraft[] = [];
  readonly #current = new Map<number, LifeDraft>();
  readonly #dying = new Map<number, LifeDraft[]>();
  /** Takes the counts of lives beyond the bound; never shown. */
  readonly #overflow = newLife(0);

  /** The life that the id stands for now; begins one if there is none. */
  of(domain: number): LifeDraft {
    return this.#current.get(domain) ?? this.#begin(domain);
  }

  /** DOM0_DOM_ADD: a new life, unless the id was only named so far. */
  created(domain: number, at: Moment): void {
    const known = this.#current.get(domain);
    const life = known === undefined || known.created !== null ? this.#begin(domain) : known;
    life.created = at;
  }

  /** DOM0_DOM_REM: the id is free, its domain waits for RCU. */
  removed(domain: number, at: Moment): void {
    const life = this.of(domain);
    life.removed = at;
    if (life === this.#overflow) return;
    this.#current.delete(domain);
    const waiting = this.#dying.get(domain);
    if (waiting === undefined) this.#dying.set(domain, [life]);
    else waiting.push(life);
  }

  /** SCHED_DOM_REM: the oldest life that waits for it is over. */
  freed(domain: number, at: Moment): void {
    const waiting = this.#dying.get(domain);
    const life = waiting?.shift() ?? this.of(domain);
    life.freed = at;
    if (waiting?.length === 0) this.#dying.delete(domain);
  }

  /** All lives in the order in which the trace first names them. */
  get finished(): readonly DomainLife[] {
    return this.#lives.map(finishedLife);
  }

  #begin(domain: number): LifeDraft {
    if (this.#lives.length >= MOST_LIVES) {
      this.leftOut += 1;
      return this.#overflow;
    }
    const life = newLife(domain);
    this.#current.set(domain, life);
    this.#lives.push(life);
    return life;
  }
}
