/**
 * Which tests to try first on a mutant: those that take least time, and those
 * that noticed others in the same file. It is kept in a file, so that a
 * process that follows one which was spoilt knows it too.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Mutants noticed, of one file, by one test. */
type Noticed = Record<string, number>;
interface Kept {
  /** Least milliseconds of each test. */
  readonly times: Record<string, number>;
  readonly noticed: Record<string, Noticed>;
}

/** A test that noticed one mutant of the file may take so many times longer. */
const WORTH = 20;
/** Milliseconds below which it does not matter which is the quicker. */
const LEAST_MS = 1;

export class Order {
  readonly #path: string;
  readonly #kept: Kept;

  constructor(path: string) {
    this.#path = path;
    this.#kept = existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as Kept)
      : { times: {}, noticed: {} };
  }

  save(): void {
    writeFileSync(this.#path, JSON.stringify(this.#kept));
  }

  took(test: string, ms: number): void {
    const { times } = this.#kept;
    times[test] = Math.min(times[test] ?? ms, ms);
  }

  noticed(test: string, file: string): void {
    this.#kept.noticed[file] ??= {};
    const of = this.#kept.noticed[file];
    of[test] = (of[test] ?? 0) + 1;
  }

  sort<T>(tests: readonly T[], nameOf: (test: T) => string, file: string): readonly T[] {
    const of = this.#kept.noticed[file] ?? {};
    const worth = (test: T): number => {
      const name = nameOf(test);
      return (1 + WORTH * (of[name] ?? 0)) / (LEAST_MS + (this.#kept.times[name] ?? 0));
    };
    return tests
      .map((test): [number, T] => [worth(test), test])
      .sort(([a], [b]) => b - a)
      .map(([, test]) => test);
  }
}
