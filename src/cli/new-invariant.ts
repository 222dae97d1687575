/** `npm run new:invariant NAME`: for people who work on this project, so no command of `xen-lu`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { newInvariant, withSection } from '../scaffold/new-invariant.ts';
import { writeNew } from './read-trace.ts';

/** dist/src/cli/new-invariant.js lies three folders below the project. */
const ROOT = join(import.meta.dirname, '../../..');
const PAGE = 'docs/invariants.md';

const template = (name: string): string =>
  readFileSync(join(ROOT, `src/scaffold/${name}.template`), 'utf8');

const NEXT = [
  'Fill in what is blank; the build refuses it until then:',
  '  1. the invariant: says, why, sources, and what it looks at',
  '  2. the mutant: a step done wrongly that the invariant must notice',
  '  3. the test: a host that holds, one broken by hand',
  'Then: npx vitest run test/properties/invariants-page.test.ts -u',
  'and:  npx vitest run test/properties test/search/museum.test.ts',
];

const main = (names: readonly string[]): number => {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    console.error('usage: npm run new:invariant NAME, for instance I8.9-no-frame-zero');
    return 2;
  }
  const made = newInvariant(name, {
    invariant: template('invariant'),
    mutant: template('mutant'),
    test: template('test'),
  });
  if (isLeft(made)) {
    console.error(`${name}: ${made.left}`);
    return 2;
  }
  const { files } = made.right;
  const there = files.find((f) => existsSync(join(ROOT, f.path)));
  if (there !== undefined) {
    console.error(`${there.path} is there already; nothing was written`);
    return 2;
  }
  for (const { path, text } of files) {
    const failed = writeNew(join(ROOT, path), text);
    if (failed !== null) {
      console.error(failed);
      return 2;
    }
    console.log(`made ${path}`);
  }
  const page = join(ROOT, PAGE);
  writeFileSync(page, withSection(readFileSync(page, 'utf8'), made.right));
  console.log([`added ${made.right.id} to ${PAGE}`, '', ...NEXT].join('\n'));
  return 0;
};

process.exitCode = main(process.argv.slice(2));
