/**
 * Partial-order reduction: where events do not get in each other's way, one
 * order of them stands for all. Of each state only a stubborn set of events is
 * followed, such that whatever else may happen leaves the set's own events as
 * they are, and such that no property's answer is passed by.
 *
 * What events read and write is known only as far as it was seen. So the
 * search is made again with all that was seen, until a whole search shows
 * nothing new; docs/explore.md says why that is enough.
 */
import { Dependence, type Note } from './dependence.ts';
import type { Move } from './engine.ts';
import type { Branch, Memo } from './memo.ts';
import type { Question } from './predicates.ts';
import { Unexplorable } from './problem.ts';
import type { Search, Stop } from './search.ts';

/** Properties are numbered from here on, beyond all events. */
const PASSIVE = 1 << 20;

const OPAQUE: Note = { reads: [], opaque: true };

/** An event as it was tried in a state. */
interface Tried {
  readonly number: number;
  readonly note: Note;
  /** Undefined if it has to be worked out. */
  readonly move: Move | undefined;
  readonly enabled: boolean;
}

export class Reducer {
  private readonly dependence = new Dependence();
  private readonly notes = new WeakMap<object, Note>();
  private readonly properties: () => readonly Question<boolean>[];

  /** @param properties all that is still asked of states */
  constructor(properties: () => readonly Question<boolean>[]) {
    this.properties = properties;
  }

  /** What a search must leave as it is to have been sound. */
  stamp(search: Search): string {
    const { epoch, count, values } = search.engine.slots;
    return [this.dependence.version, epoch, count, values].join();
  }

  /** Adds enough of the successors of a state; what stops the search, if it does. */
  expand(search: Search, state: number): Stop | undefined {
    const { engine, store, v, watch } = search;
    search.fit(state);
    store.from = state;
    engine.forget();
    const property = watch.broken(v);
    if (property >= 0) return { kind: 'found', state, property };
    const done = engine.control.statusOf(v) !== 'active';
    if (done && watch.stopWhenDone) return undefined;
    const tried = this.tryAll(search, state);
    if (store.layout.width !== store.layout.keyWidth) {
      throw new Unexplorable('options.reductions', 'the order of entering matters in this machine');
    }
    search.offered += tried.length;
    const enabled = tried.filter((one) => one.enabled);
    if (watch.deadlock && enabled.length === 0 && !done) return { kind: 'deadlock', state };
    const chosen = this.choose(v, tried, enabled);
    const before = store.count;
    this.follow(search, chosen);
    if (chosen.length === enabled.length || store.count > before) return undefined;
    // One of the chosen must lead to where is still to be expanded, or the rest is put off for ever.
    if (chosen.some((one) => this.leadsOn(search, state, one))) return undefined;
    this.follow(
      search,
      enabled.filter((one) => !chosen.includes(one)),
    );
    return undefined;
  }

  /** Tries all events; again, if one of them showed that the others rest on too little. */
  private tryAll(search: Search, state: number): Tried[] {
    const { engine, v, watch } = search;
    for (;;) {
      const { epoch } = engine.slots;
      const tried: Tried[] = [];
      for (const number of watch.offered(v)) tried.push(this.tryOne(search, number));
      search.fit(state);
      if (epoch === engine.slots.epoch) return tried;
    }
  }

  private tryOne(search: Search, number: number): Tried {
    const { engine, v, watch } = search;
    const memo = engine.moves[number] as Memo<Move>;
    const { epoch } = engine.slots;
    engine.knows(v, number);
    // What was learned was not kept; all is tried again.
    if (epoch !== engine.slots.epoch)
      return { number, note: OPAQUE, move: undefined, enabled: true };
    const leaf = memo.find(v);
    const move = leaf?.out;
    const also = watch.stopWhenDone ? [engine.control.status.slot] : [];
    if (leaf !== undefined && (move?.kind === 'none' || move?.kind === 'writes')) {
      const note = this.noteOf(memo, leaf, v, also);
      const writes: number[] = [];
      for (let i = 0; i < move.writes.length; i += 2) writes.push(move.writes[i] as number);
      this.dependence.note(number, note, writes);
      return { number, note, move, enabled: move.kind === 'writes' };
    }
    const enabled = engine.work(v, number);
    const writes = enabled ? engine.written.subarray(0, engine.writtenCount) : [];
    this.dependence.note(number, OPAQUE, writes);
    return { number, note: OPAQUE, move: undefined, enabled };
  }

  private noteOf<T>(
    memo: Memo<T>,
    leaf: Branch<T>,
    v: Int32Array,
    also: readonly number[] = [],
  ): Note {
    let note = this.notes.get(leaf);
    if (note === undefined) {
      const reads = [...also];
      let at = memo.root;
      while (at !== undefined && at.slot >= 0) {
        reads.push(at.slot);
        at = at.kids[v[at.slot] as number];
      }
      note = { reads, opaque: false };
      this.notes.set(leaf, note);
    }
    return note;
  }

  /** The enabled events of a stubborn set with the fewest of them. */
  private choose(v: Int32Array, tried: readonly Tried[], enabled: readonly Tried[]): Tried[] {
    const events = new Map(tried.map((one) => [one.number, one]));
    const passive = this.properties().map((question, i) => {
      question.of(v);
      const leaf = question.memo.find(v);
      const note = leaf === undefined ? OPAQUE : this.noteOf(question.memo, leaf, v);
      this.dependence.note(PASSIVE + i, note, []);
      return note;
    });
    let best = [...enabled];
    for (const seed of enabled) {
      const set = new Set([seed.number]);
      const chosen: Tried[] = [];
      for (const one of set) {
        const event = events.get(one);
        if (event?.enabled === true) {
          chosen.push(event);
          if (chosen.length >= best.length) break;
          for (const other of this.dependence.of(one)) set.add(other);
        } else {
          const note = event?.note ?? passive[one - PASSIVE] ?? OPAQUE;
          for (const other of this.dependence.changing(note)) set.add(other);
        }
      }
      if (chosen.length < best.length) best = chosen;
      if (best.length <= 1) break;
    }
    return best;
  }

  private follow(search: Search, events: readonly Tried[]): void {
    for (const one of events) {
      this.make(search, one);
      search.taken++;
      search.insert();
    }
    search.store.settle();
  }

  /** Packs the successor under an event. */
  private make(search: Search, { number, move }: Tried): void {
    if (move !== undefined) search.apply(move);
    else {
      search.engine.work(search.v, number);
      search.applyScratch();
    }
  }

  private leadsOn(search: Search, state: number, one: Tried): boolean {
    this.make(search, one);
    const next = search.store.find();
    return next > state && next < search.store.count;
  }
}
