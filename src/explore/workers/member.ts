/**
 * One of several that expand the states of a level: takes slices of the level
 * until none is left, or until something is needed that all must wait for.
 */
import type { CodeText } from '../code.ts';
import { needsOrder } from '../engine.ts';
import type { Prepared } from '../prepare.ts';
import { Fault, type FaultKind, messageOf, type Refusal, Unexplorable } from '../problem.ts';
import { needsLayout } from '../search.ts';
import { type Chore, type Hired, help } from './hands.ts';
import { AT, type Ledger, needsRoom } from './ledger.ts';
import { type Ranges, Slices, sizeOf } from './ranges.ts';
import type { Buffers, SharedStore } from './shared-store.ts';
import { isOver, type Tally } from './tally.ts';

/** What is to be done. */
export interface Order {
  readonly buffers: Buffers;
  readonly log: SharedArrayBuffer;
  /** The states to expand, shared with all who were given the same order. */
  readonly level: Ranges;
  /** Expand no more than this. */
  readonly most: number;
  /** For hands without a machine: code, the number of events in it, and what is bad. */
  readonly code: { readonly text: CodeText; readonly number: number } | undefined;
  readonly events: number;
  readonly deadlock: boolean;
}

/** What was done. */
export interface Answer {
  readonly found: Ranges;
  /** States of a slice that was not finished. */
  readonly left: Ranges;
  /** States that were looked at and need one who knows the machine. */
  readonly unsettled: Ranges;
  /** Numbers that nobody else has, and no state. */
  readonly hole: readonly [number, number];
  readonly states: number;
  readonly offered: number;
  readonly taken: number;
  readonly moved: number;
  /** A state that breaks a property, the first of the properties if several are broken. */
  readonly broken: { readonly state: number; readonly property: number } | undefined;
  readonly dead: number | undefined;
  readonly witnessed: readonly number[];
  readonly need: 'room' | 'layout' | 'order' | undefined;
  readonly fault:
    | { readonly state: number; readonly kind: FaultKind; place: string; message: string }
    | undefined;
  readonly refusal: Refusal | undefined;
  readonly marks: Uint8Array;
  readonly nodes: Uint8Array;
}

export class Member implements Hired {
  private readonly prepared: Prepared;
  private readonly store: SharedStore;
  private readonly ledger: Ledger;
  private readonly control: Int32Array;
  private readonly tally: Tally;

  constructor(
    prepared: Prepared,
    store: SharedStore,
    ledger: Ledger,
    control: Int32Array,
    tally: Tally,
  ) {
    this.prepared = prepared;
    this.store = store;
    this.ledger = ledger;
    this.control = control;
    this.tally = tally;
  }

  /** Expands slices of a level, pausing after each. Never throws. */
  *work(order: Order): Generator<void, Answer> {
    const { store, control, tally, prepared } = this;
    const { search, engine } = prepared;
    const { offered, taken, moved } = search;
    const states = store.count;
    this.attach(order);
    const seen: Seen = { broken: undefined, dead: undefined };
    let end: Ending = { left: [] };
    let done = 0;
    const slices = new Slices(order.level, control);
    while (end.need === undefined && end.fault === undefined && end.refusal === undefined) {
      if (done >= order.most || Atomics.load(control, AT.stop) !== 0) break;
      if (isOver(tally)) break;
      const slice = slices.next();
      if (slice === undefined) break;
      const known = store.count;
      const takenBefore = search.taken;
      end = this.expand(slice, seen);
      if (end.left.length > 0) Atomics.store(control, AT.stop, 1);
      done += sizeOf(slice);
      tally.own[0] = (tally.own[0] as number) + store.count - known;
      tally.own[1] = (tally.own[1] as number) + search.taken - takenBefore;
      yield;
    }
    const { coverage } = engine.control;
    return {
      found: store.takeFound(),
      left: end.left,
      unsettled: [],
      hole: store.hole,
      states: store.count - states,
      offered: search.offered - offered,
      taken: search.taken - taken,
      moved: search.moved - moved,
      broken: seen.broken,
      dead: seen.dead,
      witnessed: [...prepared.witnessed],
      need: end.need,
      fault: end.fault,
      refusal: end.refusal,
      marks: coverage.marks,
      nodes: coverage.nodes,
    };
  }

  help(chore: Chore): readonly number[] {
    this.attach(chore);
    return help(this.store, chore);
  }

  /** Takes over what the others have seen, and uses the states that they do. */
  private attach({ buffers, log }: Order | Chore): void {
    const { store, ledger, prepared } = this;
    ledger.log = log;
    ledger.catchUp();
    store.attach(buffers, prepared.engine.slots.layout);
  }

  /** Expands states until one cannot be. */
  private expand(slice: Ranges, seen: Seen): Ending {
    const { search } = this.prepared;
    const { offered, taken, moved } = search;
    let at = slice[0] as number;
    try {
      for (let i = 0; i < slice.length; i += 2) {
        const end = slice[i + 1] as number;
        for (at = slice[i] as number; at < end; at++) {
          const stop = search.expand(at);
          if (stop?.kind === 'deadlock') seen.dead ??= at;
          if (stop?.kind === 'found' && stop.property < (seen.broken?.property ?? Infinity)) {
            seen.broken = stop;
          }
        }
      }
      this.store.settle();
      return { left: [] };
    } catch (problem) {
      // The slice is expanded anew later; its successors so far are found once.
      this.store.drop();
      Object.assign(search, { offered, taken, moved });
      return { left: slice, ...reasonOf(problem, at) };
    }
  }
}

interface Seen {
  broken: { readonly state: number; readonly property: number } | undefined;
  dead: number | undefined;
}

interface Ending {
  readonly left: Ranges;
  readonly need?: Answer['need'];
  readonly fault?: Answer['fault'];
  readonly refusal?: Refusal;
}

function reasonOf(problem: unknown, state: number): Omit<Ending, 'left'> {
  if (problem === needsRoom) return { need: 'room' };
  if (problem === needsLayout) return { need: 'layout' };
  if (problem === needsOrder) return { need: 'order' };
  if (problem instanceof Unexplorable) return { refusal: problem.refusal };
  if (problem instanceof Fault) {
    const { kind, place, message } = problem;
    return { fault: { state, kind, place, message } };
  }
  const message = messageOf(problem);
  return { fault: { state, kind: 'internal', place: 'explorer', message } };
}
