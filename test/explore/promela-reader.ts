/**
 * Runs the models that `exportPromela` writes, as SPIN would, knowing nothing
 * of where they come from: variables, guarded steps, assertions.
 */

/** A guarded step, or (no effect) an assertion that fails under this condition. */
interface Option {
  readonly tests: readonly (readonly [variable: number, value: number])[];
  readonly effect: readonly (readonly [variable: number, value: number])[] | null;
}

export interface Model {
  readonly start: readonly number[];
  readonly options: readonly Option[];
}

const OPTION = /^ {2}:: (?:d_step \{ (.+) -> (.+) \}|(.+) -> assert\(false\)) \/\*/;

/** @throws Error that names the line that is none of a model's */
export const readModel = (text: string): Model => {
  const places = new Map<string, number>();
  const start: number[] = [];
  const options: Option[] = [];
  const pairs = (list: string, by: string, sign: string) =>
    list === 'true' || list === 'skip'
      ? []
      : list.split(by).map((part) => {
          const [name = '', value = ''] = part.split(sign);
          const place = places.get(name);
          if (place === undefined || !/^\d+$/.test(value)) throw new Error(`no model: ${part}`);
          return [place, Number(value)] as const;
        });
  for (const line of text.split('\n')) {
    const variable = /^(?:byte|short|int) (s\d+) = (\d+); \/\*/.exec(line);
    if (variable !== null) {
      places.set(variable[1] ?? '', start.push(Number(variable[2])) - 1);
      continue;
    }
    // The option that only reads what nothing else does is never taken.
    if (!line.startsWith('  ::') || / < 0 -> skip$/.test(line)) continue;
    const option = OPTION.exec(line);
    if (option === null) throw new Error(`no model: ${line.slice(0, 80)}`);
    options.push({
      tests: pairs(option[1] ?? option[3] ?? '', ' && ', ' == '),
      effect: option[2] === undefined ? null : pairs(option[2], '; ', ' = '),
    });
  }
  return { start, options };
};

/** All states of a model, and whether an assertion fails in one of them. */
export const exhaust = ({ start, options }: Model): { states: number; fails: boolean } => {
  const seen = new Set([start.join()]);
  const waiting = [start];
  let fails = false;
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const from = state;
    for (const { tests, effect } of options) {
      if (!tests.every(([variable, value]) => from[variable] === value)) continue;
      if (effect === null) {
        fails = true;
        continue;
      }
      const next = [...from];
      for (const [variable, value] of effect) next[variable] = value;
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(next);
    }
  }
  return { states: seen.size, fails };
};
