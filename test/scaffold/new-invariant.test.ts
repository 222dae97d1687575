/** What `npm run new:invariant` makes: refused while it is blank, in its place in the docs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { newInvariant, withSection } from '../../src/scaffold/new-invariant.ts';

const template = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../src/scaffold/${name}.template`), 'utf8');
const TEMPLATES = {
  invariant: template('invariant'),
  mutant: template('mutant'),
  test: template('test'),
};

const made = (name: string) => {
  const result = newInvariant(name, TEMPLATES);
  if (isLeft(result)) throw new Error(result.left);
  return result.right;
};

describe('a new invariant', () => {
  const { id, title, files } = made('I8.9-no-frame-zero');

  test('has a file, a mutant that it must notice, and a test', () => {
    expect([id, title]).toEqual(['I8.9', 'No frame zero']);
    expect(files.map((f) => f.path)).toEqual([
      'properties/invariants/i8-9-no-frame-zero.ts',
      'properties/mutants/M-i8-9-no-frame-zero.ts',
      'test/properties/invariants/i8-9-no-frame-zero.test.ts',
    ]);
    expect(files[1]?.text).toContain("kills: ['I8.9']");
    expect(files.map((f) => f.text).join('')).not.toContain('__');
    expect(files[2]?.text).toContain("'../../../properties/invariants/i8-9-no-frame-zero.ts'");
  });

  test('leaves blank what only its author knows, which the registries refuse', () => {
    for (const blank of ["says: ''", "why: ''", 'sources: []'])
      expect(files[0]?.text).toContain(blank);
    for (const blank of ["says: ''", "source: ''", 'actions: {}'])
      expect(files[1]?.text).toContain(blank);
  });

  test.each(['', 'no-frame', 'I8.9', 'i8.9-x', 'I8.9-../x', 'I8.9-X', `I8.9-${'x'.repeat(60)}`])(
    'is not made from the name "%s"',
    (name) => {
      expect(isRight(newInvariant(name, TEMPLATES))).toBe(false);
    },
  );
});

test('its section stands between its neighbours, by number', () => {
  const page = '# Invariants\n\n## I8.2: a\n\ntext\n\n## I8.10: b\n\ntext\n';
  const order = (name: string) =>
    [...withSection(page, made(name)).matchAll(/^## (\S+):/gm)].map((m) => m[1]);
  expect(order('I8.9-x')).toEqual(['I8.2', 'I8.9', 'I8.10']);
  expect(order('I8.1-x')).toEqual(['I8.1', 'I8.2', 'I8.10']);
  expect(order('LIVE-3-x')).toEqual(['I8.2', 'I8.10', 'LIVE-3']);
});
