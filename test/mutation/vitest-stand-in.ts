/**
 * What the tests of the mutation set need of vitest, in plain Node: they are
 * loaded once, and every mutant is tried in the same process. Loading them
 * anew for each mutant, as a runner of vitest does, takes ten times as long
 * as the tests themselves.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { format } from 'node:util';

type Body = (...args: never[]) => unknown;
type Work = () => unknown;

/** A describe(), or a file. */
interface Suite {
  readonly parent: Suite | null;
  readonly before: Work[];
  readonly after: Work[];
  readonly beforeEach: Work[];
}

export interface Case {
  readonly id: string;
  readonly file: string;
  readonly suite: Suite;
  readonly run: Work;
}

/** All tests that were loaded, in their order. */
export const cases: Case[] = [];

const newSuite = (parent: Suite | null): Suite => ({
  parent,
  before: [],
  after: [],
  beforeEach: [],
});
let file = '';
let names: readonly string[] = [];
let suite = newSuite(null);

/** From here on tests are those of this file. */
export const beginFile = (path: string): void => {
  file = path;
  names = [];
  suite = newSuite(null);
};

const group = (name: string, body: Work): void => {
  const [outer, outerNames] = [suite, names];
  suite = newSuite(outer);
  names = [...names, name];
  body();
  suite = outer;
  names = outerNames;
};

const one = (name: string, run: Work): void => {
  const id = [file, ...names, name].join(' > ');
  const twice = cases.filter((c) => c.id === id || c.id.startsWith(`${id} #`)).length;
  cases.push({ id: twice === 0 ? id : `${id} #${twice}`, file, suite, run });
};

/** The name of a row: what it has no place for is left out. */
const named = (name: string, args: readonly unknown[]): string =>
  format(name, ...args.slice(0, name.match(/%[a-zA-Z]/g)?.length ?? 0));

/** test.each and describe.each: a row that is no list is one argument. */
const each =
  (add: (name: string, run: Work) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, body: Body): void => {
    for (const row of rows) {
      const args: unknown[] = Array.isArray(row) ? row : [row];
      add(named(name, args), () => body(...(args as never[])));
    }
  };

/** it.prop of `@fast-check/vitest`, with a seed that is always the same. */
const prop =
  (arbitraries: readonly unknown[], parameters: object = {}) =>
  (name: string, body: Body): void =>
    one(name, async () => {
      const fc = await import('fast-check');
      const property = fc.asyncProperty(fc.tuple(...(arbitraries as never[])), async (args) => {
        await body(...(args as never[]));
      });
      await fc.assert(property, { seed: 1, ...parameters });
    });

const skip = (): void => undefined;

export const describe = Object.assign(group, { each: each(group), skip });
const testing = () =>
  Object.assign((name: string, body: Body): void => one(name, body as Work), {
    each: each(one),
    prop,
    skip,
  });
export const test = testing();
export const it = testing();
export const beforeAll = (work: Work): void => void suite.before.push(work);
export const afterAll = (work: Work): void => void suite.after.push(work);
export const beforeEach = (work: Work): void => void suite.beforeEach.push(work);

interface Expect {
  (value: unknown): object;
  extend(matchers: object): void;
}
/** Not among the locked packages: `npm run mutation` brings it. */
const EXPECT: string = 'expect';
const jest = ((await import(EXPECT)) as { expect: Expect }).expect;
jest.extend({
  toMatchFileSnapshot(received: string, path: string) {
    const kept = readFileSync(resolve(dirname(file), path), 'utf8');
    return { pass: received === kept, message: () => `is not what ${path} holds` };
  },
});
export const expect = Object.assign((value: unknown) => jest(value), jest);

/** From the file down. */
const lineOf = (s: Suite | null): readonly Suite[] => (s === null ? [] : [...lineOf(s.parent), s]);

/** Runs tests with the hooks of their suites, in order, until `done` has seen enough. */
export const runCases = async (
  chosen: readonly Case[],
  done: (c: Case, failure: unknown, ms: number) => boolean,
  begin: (c: Case | null) => void = () => undefined,
): Promise<void> => {
  const open: Suite[] = [];
  try {
    for (const c of chosen) {
      const start = performance.now();
      let failure: unknown = null;
      file = c.file;
      try {
        begin(null);
        for (const s of lineOf(c.suite)) {
          if (open.includes(s)) continue;
          open.push(s);
          for (const work of s.before) await work();
        }
        begin(c);
        for (const s of lineOf(c.suite)) for (const work of s.beforeEach) await work();
        await c.run();
      } catch (error) {
        failure = error ?? 'failed';
      }
      if (done(c, failure, performance.now() - start)) return;
    }
  } finally {
    begin(null);
    for (const s of open) for (const work of s.after) await work();
  }
};
