/** Packed states from one layout to another, without unpacking them. */
import type { Layout } from './layout.ts';

/** Repacks the states with numbers from `first` to before `end`. */
export type Repacker = (from: Int32Array, to: Int32Array, first: number, end: number) => void;

/** What goes from one word to another by the same shift, taken together. */
interface Move {
  readonly source: number;
  readonly target: number;
  /** Bits to the left, or to the right if negative. */
  readonly by: number;
  /** The bits of the target. */
  mask: number;
}

/**
 * How states packed in `old` are packed in `next`, where the ids of all slots
 * have room; a slot that is not in `old` has its first value.
 */
export function repacker(old: Layout, next: Layout): Repacker {
  const moves = movesOf(old, next);
  const sources = Int32Array.from(moves, ({ source }) => source);
  const targets = Int32Array.from(moves, ({ target }) => target);
  const lefts = Int32Array.from(moves, ({ by }) => Math.max(0, by));
  const rights = Int32Array.from(moves, ({ by }) => Math.max(0, -by));
  const masks = Int32Array.from(moves, ({ mask }) => mask);
  return (from, to, first, end) => {
    to.fill(0, first * next.width, end * next.width);
    for (let number = first; number < end; number++) {
      const base = number * old.width;
      const into = number * next.width;
      for (let i = 0; i < masks.length; i++) {
        const word = from[base + (sources[i] as number)] as number;
        const moved = (word >>> (rights[i] as number)) << (lefts[i] as number);
        const at = into + (targets[i] as number);
        to[at] = (to[at] as number) | (moved & (masks[i] as number));
      }
    }
  };
}

function movesOf(old: Layout, next: Layout): readonly Move[] {
  const moves = new Map<string, Move>();
  const before = new Set(old.slots);
  for (const slot of next.slots) {
    if (!before.has(slot)) continue;
    const source = old.word[slot] as number;
    const target = next.word[slot] as number;
    const by = (next.shift[slot] as number) - (old.shift[slot] as number);
    const bits = (old.mask[slot] as number) & (next.mask[slot] as number);
    const mask = bits << (next.shift[slot] as number);
    const key = `${source},${target},${by}`;
    const known = moves.get(key);
    if (known === undefined) moves.set(key, { source, target, by, mask });
    else known.mask |= mask;
  }
  return [...moves.values()];
}
