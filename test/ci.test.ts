/** The CI files name only scripts, commands, options and files that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../src/cli/commands/index.ts';

const ROOT = join(import.meta.dirname, '..');
const FILES = ['.github/workflows/ci.yml', '.github/workflows/campaign.yml', '.gitlab-ci.yml'];

/** Every text in a document, however deep. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe.each(FILES)('%s', (file) => {
  const texts = textsIn(parse(readFileSync(join(ROOT, file), 'utf8')));

  test('runs scripts that there are', () => {
    const named = texts.flatMap((t) => [...t.matchAll(/npm run ([\w:]+)/g)].map((m) => m[1]));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => scripts[name as string] === undefined)).toEqual([]);
  });

  test('calls commands with options that they have', async () => {
    const calls = texts.flatMap((t) => [...t.matchAll(/dist\/src\/cli\/main\.js (\w+)(.*)/g)]);
    expect(calls.length).toBeGreaterThan(0);
    for (const [, name, rest] of calls) {
      const command = await COMMANDS.find((c) => c.name === name)?.load();
      const options = [...(rest ?? '').matchAll(/ --([\w-]+)/g)].map((m) => m[1] as string);
      expect(command, name).toBeDefined();
      expect(options.filter((o) => command?.options[o] === undefined)).toEqual([]);
    }
    expect(existsSync(join(ROOT, 'src/cli/main.ts'))).toBe(true);
  });
});
