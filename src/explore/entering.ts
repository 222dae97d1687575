/** How numbers of states get into a new table. */

/** States looked at together, so that memory is asked for all of their places at once. */
const TOGETHER = 256;

/** What states are entered in: by their hashes, each in the first place that is empty. */
export interface Entered {
  readonly table: Int32Array;
  readonly words: Int32Array;
  readonly width: number;
  readonly keyWidth: number;
}

/**
 * Enters the states with numbers from `first` to before `end` of which the
 * place is in a part of a table that has none of them.
 *
 * @param rest is given those for which there is no place before the end of the part
 */
export function enterPart(
  { table, words, width, keyWidth }: Entered,
  first: number,
  end: number,
  from: number,
  to: number,
  rest: number[],
): void {
  const low = table.length - 1;
  const hashes = new Int32Array(TOGETHER);
  const numbers = new Int32Array(TOGETHER);
  const touched = new Int32Array(TOGETHER);
  for (let number = first; number < end; ) {
    let count = 0;
    for (; number < end && count < TOGETHER; number++) {
      const hash = hashOf(words, number * width, keyWidth);
      const at = hash & low;
      hashes[count] = hash;
      numbers[count] = number;
      if (at >= from && at < to) count++;
    }
    for (let k = 0; k < count; k++) touched[k] = table[(hashes[k] as number) & low] as number;
    for (let k = 0; k < count; k++) {
      const hash = hashes[k] as number;
      let at = hash & low;
      while (at < to && table[at] !== 0) at++;
      if (at === to) rest.push(numbers[k] as number);
      else table[at] = (hash & ~low) | ((numbers[k] as number) + 1);
    }
  }
}

/** Enters states wherever there is a place for them. */
export function enterRest(into: Entered, numbers: readonly number[]): void {
  const { table, words, width, keyWidth } = into;
  const low = table.length - 1;
  for (const number of numbers) {
    const hash = hashOf(words, number * width, keyWidth);
    let at = hash & low;
    while (table[at] !== 0) at = (at + 1) & low;
    table[at] = (hash & ~low) | (number + 1);
  }
}

/** The hash of a packed state's key. */
export function hashOf(words: Int32Array, base: number, keyWidth: number): number {
  let hash = 0x9e3779b9 | 0;
  for (let i = 0; i < keyWidth; i++) hash = mix(hash, words[base + i] as number);
  return finish(hash);
}

export function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return h ^ (h >>> 15);
}

export function finish(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
