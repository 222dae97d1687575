import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Layout, type LayoutPlan } from '../../src/explore/layout.ts';
import { repacker } from '../../src/explore/repack.ts';
import { MAX_SLOTS } from '../../src/explore/slots.ts';
import { NO_STATE } from '../../src/explore/store.ts';
import { withoutHoles } from '../../src/explore/workers/ranges.ts';
import { SharedStore } from '../../src/explore/workers/shared-store.ts';

/** Slots with these many bits, one after the other from the word `from` on. */
function planOf(bits: readonly number[], order: readonly number[]): LayoutPlan {
  let word = 0;
  let shift = 0;
  const fields = order.map((slot) => {
    const size = bits[slot] as number;
    if (shift + size > 32) {
      word++;
      shift = 0;
    }
    shift += size;
    return { slot, word, shift: shift - size, bits: size };
  });
  return { width: word + 1, keyWidth: word + 1, fields };
}

/** The bits of slots, how many more each is to have, two orders of slots, values. */
const repacking = fc
  .array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 9 })
  .chain((bits) =>
    fc.record({
      bits: fc.constant(bits),
      more: fc.array(fc.integer({ min: 0, max: 1 }), {
        minLength: bits.length,
        maxLength: bits.length,
      }),
      before: fc.shuffledSubarray([...bits.keys()]),
      after: fc.shuffledSubarray([...bits.keys()], { minLength: bits.length }),
      states: fc.array(
        fc.tuple(...bits.map((size) => fc.integer({ min: 0, max: 2 ** size - 1 }))),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  );

test('states packed anew are those packed again from their values', () => {
  fc.assert(
    fc.property(repacking, ({ bits, more, before, after, states }) => {
      const old = new Layout(planOf(bits, before), 0, 0);
      const wider = bits.map((size, i) => size + (more[i] as number));
      const next = new Layout(planOf(wider, after), 0, 1);
      const from = new Int32Array(states.length * old.width);
      const expected = new Int32Array(states.length * next.width);
      const v = new Int32Array(MAX_SLOTS);
      for (const [number, values] of states.entries()) {
        v.fill(0);
        for (const slot of before) v[slot] = values[slot] as number;
        old.pack(v, from, number * old.width);
        next.pack(v, expected, number * next.width);
      }
      const to = new Int32Array(expected.length).fill(-1);
      repacker(old, next)(from, to, 0, states.length);
      expect(to).toEqual(expected);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('a table filled in parts has every state and no other', () => {
  const layout = new Layout(planOf([20], [0]), 0, 0);
  const control = new Int32Array(new SharedArrayBuffer(64));
  const store = new SharedStore(layout, control, false, 2 ** 20);
  const number = (state: number) => {
    store.probe[0] = state;
    return store.find();
  };
  // So many that some find no place before the end of their part.
  const count = 15_000;
  for (let state = 0; state < count; state++) {
    store.probe[0] = state;
    store.add(NO_STATE);
  }
  const numbers = Array.from({ length: count }, (_, state) => number(state));
  store.takeLayout(layout);
  store.words.set(Int32Array.from({ length: count }, (_, state) => state));
  expect(number(7)).toBe(NO_STATE);
  const rests = Array.from({ length: 256 }, (_, part) => store.enter(store.numbers, part, 256));
  expect(rests.flat().length).toBeGreaterThan(0);
  for (const rest of rests) store.enterRest(rest);
  expect(Array.from({ length: count }, (_, state) => number(state))).toEqual(numbers);
  for (let state = count; state < 2 * count; state++) expect(number(state)).toBe(NO_STATE);
});

test('numbers without holes, whatever the order of these', () => {
  expect(withoutHoles(10, [])).toEqual([0, 10]);
  const holes = [
    [8, 10],
    [3, 3],
    [0, 1],
    [4, 6],
  ] as const;
  expect(withoutHoles(10, holes)).toEqual([1, 3, 3, 4, 6, 8]);
});
