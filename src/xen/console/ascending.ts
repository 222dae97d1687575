/**
 * Lists that Xen prints in ascending order: the references of a grant table
 * and the ports of a domain. The order shows some digits that were lost or
 * doubled although each line is sound by itself.
 */
import type { Form, Match } from './form.ts';
import { type Judgement, type LineReadings, settle } from './line-reading.ts';
import { type Notes, noteRepair, problemAt, quoted } from './notes.ts';

/** A list of which the sound lines ascend. */
export interface Straight<Name extends string> {
  readonly items: readonly LineReadings<Name>[];
  /** The readings that are certain as far as the order goes. */
  readonly fixed: ReadonlyMap<number, Match<Name>>;
  /** Of those, the ones that were repaired. */
  readonly repaired: ReadonlySet<number>;
  /** Lines for which a problem was noted. */
  readonly refused: ReadonlySet<number>;
  /** Whether a reading of a line lies between those of its neighbours. */
  readonly fits: (index: number, match: Match<Name>) => boolean;
}

/** What is needed to know the order of lines. */
export type Order<Name extends string> = Pick<Judgement<Name>, 'sound' | 'agrees' | 'elsewhere'> & {
  readonly idOf: (match: Match<Name>) => number;
};

/** Repairs the sound lines that are out of order, where it can. */
export const straightened = <Name extends string>(
  items: readonly LineReadings<Name>[],
  order: Order<Name>,
  notes: Notes,
): Straight<Name> => {
  const fixed = new Map<number, Match<Name>>();
  items.forEach(({ exact }, index) => {
    if (exact !== undefined && order.sound(exact)) fixed.set(index, exact);
  });
  const refused = new Set<number>();
  const repaired = straighten(items, fixed, refused, order.idOf, order, notes);
  const { idOf, sound } = order;
  const below = bounds(items, fixed, idOf, -1);
  const above = bounds(items, fixed, idOf, 1);
  const fits = (index: number, match: Match<Name>): boolean =>
    sound(match) &&
    idOf(match) > (below[index] ?? -1) &&
    idOf(match) < (above[index] ?? Number.POSITIVE_INFINITY);
  return { items, fixed, repaired, refused, fits };
};

/** The readings of all lines, each between those of its neighbours. */
export const settleAscending = <Name extends string>(
  { items, fixed, repaired, refused, fits }: Straight<Name>,
  judge: Judgement<Name>,
  forms: readonly Form<Name>[],
  notes: Notes,
): readonly (Match<Name> | undefined)[] =>
  items.map((item, index) => {
    if (refused.has(index)) return undefined;
    if (repaired.has(index)) return fixed.get(index);
    const placed = { ...judge, sound: (match: Match<Name>) => fits(index, match) };
    return settle(item, placed, forms, notes, 'needed');
  });

/** The id of the nearest sound line on one side of each line. */
const bounds = <Name extends string>(
  items: readonly unknown[],
  fixed: ReadonlyMap<number, Match<Name>>,
  idOf: (match: Match<Name>) => number,
  step: 1 | -1,
): readonly (number | undefined)[] => {
  const found = new Array<number | undefined>(items.length).fill(undefined);
  let nearest: number | undefined;
  const first = step === 1 ? items.length - 1 : 0;
  for (let index = first; index >= 0 && index < items.length; index -= step) {
    found[index] = nearest;
    const match = fixed.get(index);
    if (match !== undefined) nearest = idOf(match);
  }
  return found;
};

/** Repairs pairs of sound lines that are out of order, where it can. */
const straighten = <Name extends string>(
  items: readonly LineReadings<Name>[],
  fixed: Map<number, Match<Name>>,
  refused: Set<number>,
  idOf: (match: Match<Name>) => number,
  judge: Judgement<Name>,
  notes: Notes,
): ReadonlySet<number> => {
  const repaired = new Set<number>();
  let before: number | undefined;
  let previous: number | undefined;
  const order = [...fixed.keys()];
  order.forEach((index, position) => {
    const id = idAt(fixed, index, idOf);
    const last = idAt(fixed, previous, idOf);
    if (previous === undefined || last === undefined || id === undefined || id > last) {
      before = previous;
      previous = index;
      return;
    }
    const next = idAt(fixed, order[position + 1], idOf) ?? Number.POSITIVE_INFINITY;
    const low = idAt(fixed, before, idOf) ?? -1;
    const ways = [
      ...waysOf(items, previous, idOf, judge, low, id),
      ...waysOf(items, index, idOf, judge, last, next),
    ];
    const agreeing = ways.filter(({ index: way, match }) => {
      const line = items[way]?.line;
      return line !== undefined && judge.agrees(match, line);
    });
    const likely = agreeing.length > 0 ? agreeing : ways;
    const confirmed = likely.filter(({ match }) => judge.elsewhere(match));
    const best = confirmed.length === 1 ? confirmed : likely;
    const [only] = best;
    const item = items[index];
    if (only !== undefined && best.length === 1) {
      const repair = items[only.index];
      if (repair !== undefined) noteRepair(notes, repair.line, only.match.text, 'ascending order');
      fixed.set(only.index, only.match);
      repaired.add(only.index);
    } else if (item !== undefined) {
      notes.problems.push(
        problemAt(
          item.line,
          `line ${quoted(item.line)} is out of order after ${quoted(items[previous]?.line ?? item.line)}`,
          'one of the two lines lost or doubled a digit: dump the key again, or correct it',
        ),
      );
      fixed.delete(index);
      refused.add(index);
      return;
    }
    before = previous;
    previous = index;
  });
  return repaired;
};

const idAt = <Name extends string>(
  fixed: ReadonlyMap<number, Match<Name>>,
  index: number | undefined,
  idOf: (match: Match<Name>) => number,
): number | undefined => {
  const match = index === undefined ? undefined : fixed.get(index);
  return match === undefined ? undefined : idOf(match);
};

interface Way<Name extends string> {
  readonly index: number;
  readonly match: Match<Name>;
}

const waysOf = <Name extends string>(
  items: readonly LineReadings<Name>[],
  index: number,
  idOf: (match: Match<Name>) => number,
  judge: Judgement<Name>,
  low: number,
  high: number,
): readonly Way<Name>[] =>
  (items[index]?.near() ?? [])
    .filter((match) => judge.sound(match) && idOf(match) > low && idOf(match) < high)
    .map((match) => ({ index, match }));
