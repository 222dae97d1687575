/**
 * A test runner for Stryker that keeps the tests loaded and tries one mutant
 * after the other in the same process, first the tests that are likely to notice
 * it soon.
 * A mutant may spoil what tests share, and then everything after it would
 * fail: so each failure is tried again without the mutant. Where that fails as
 * well the process ends, and Stryker tries the mutant once more in a new one.
 */
import { appendFileSync, globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Order } from './order.ts';
import { TESTS } from './tests.ts';
import { beginFile, type Case, cases, runCases } from './vitest-stand-in.ts';

interface Coverage {
  readonly static: Record<string, number>;
  readonly perTest: Record<string, Record<string, number>>;
}
/** What Stryker's own code in the mutated sources reads and writes. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: Coverage | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}
interface MutantRun {
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
  readonly activeMutant: { readonly id: string; readonly fileName: string };
}

/**
 * Each result goes here at once, a line each, where XEN_LU_MUTANTS names a file:
 * Stryker writes its own report at the end only, which is hours away.
 */
const LOG = process.env.XEN_LU_MUTANTS ?? '';
const noted = <R extends object>(run: MutantRun, result: R): R => {
  if (LOG !== '') appendFileSync(LOG, `${JSON.stringify({ ...run.activeMutant, ...result })}\n`);
  return result;
};

const STAND_IN = new URL('./vitest-stand-in.ts', import.meta.url).href;
const REPLACED: readonly string[] = ['vitest', '@fast-check/vitest'];

const said = (failure: unknown): string =>
  failure instanceof Error ? failure.message : String(failure);

class Runner {
  readonly #switches: Switches;
  readonly #order = new Order('mutation-order.json');

  constructor() {
    const world = globalThis as unknown as { __stryker__?: Switches };
    world.__stryker__ ??= {};
    this.#switches = world.__stryker__;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    registerHooks({
      resolve: (specifier, context, next) =>
        REPLACED.includes(specifier)
          ? { url: STAND_IN, shortCircuit: true }
          : next(specifier, context),
    });
    this.#switches.mutantCoverage = { static: {}, perTest: {} };
    for (const file of TESTS.flatMap((pattern) => globSync(pattern).sort())) {
      beginFile(resolve(file));
      await import(pathToFileURL(resolve(file)).href);
    }
  }

  async dryRun() {
    const tests: object[] = [];
    await runCases(
      cases,
      (c, failure, ms) => {
        this.#order.took(nameOf(c), ms);
        const base = { id: nameOf(c), name: nameOf(c), fileName: c.file, timeSpentMs: ms };
        tests.push(
          failure === null
            ? { ...base, status: 0 }
            : { ...base, status: 1, failureMessage: said(failure) },
        );
        return false;
      },
      (c) => {
        this.#switches.currentTestId = c === null ? undefined : nameOf(c);
      },
    );
    this.#order.save();
    return { status: 'complete', tests, mutantCoverage: this.#switches.mutantCoverage };
  }

  async mutantRun(run: MutantRun) {
    return noted(run, await this.#tryMutant(run));
  }

  async #tryMutant({ testFilter, hitLimit, activeMutant }: MutantRun) {
    const wanted = new Set(testFilter ?? cases.map(nameOf));
    const chosen = this.#order.sort(
      cases.filter((c) => wanted.has(nameOf(c))),
      nameOf,
      activeMutant.fileName,
    );
    let killed: { readonly by: Case; readonly what: string } | null = null;
    let nrOfTests = 0;
    Object.assign(this.#switches, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    this.#switches.mutantCoverage = undefined;
    await runCases(chosen, (c, failure, ms) => {
      nrOfTests++;
      if (failure === null) this.#order.took(nameOf(c), ms);
      if (failure !== null) killed = { by: c, what: said(failure) };
      return failure !== null;
    });
    const hits = this.#switches.hitCount ?? 0;
    Object.assign(this.#switches, { activeMutant: undefined, hitLimit: undefined });
    if (hitLimit !== undefined && hits > hitLimit)
      return { status: 'timeout', reason: `hit limit reached (${hits}/${hitLimit})` };
    if (killed === null) return { status: 'survived', nrOfTests };
    const { by, what } = killed as { readonly by: Case; readonly what: string };
    let spoilt: unknown = null;
    await runCases([by], (_, failure) => {
      spoilt = failure;
      return true;
    });
    this.#order.noticed(nameOf(by), activeMutant.fileName);
    if (spoilt !== null) {
      this.#order.save();
      process.exit(1);
    }
    return { status: 'killed', killedBy: [nameOf(by)], failureMessage: what, nrOfTests };
  }
}

/** The id of a test without the folder in which this copy of the sources lies. */
const nameOf = (c: Case): string => c.id.replace(`${process.cwd()}/`, '');

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-process', factory: () => new Runner() },
];
