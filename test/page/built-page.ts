/** The page, built from its sources into a folder of its own, so that no test opens an old one. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { fillPage } from '../../src/inspect/page-file.ts';
import type { Recording } from '../../src/inspect/recording/recording.ts';

export interface BuiltPage {
  /** The page with a recording in it. */
  readonly with: (recording: Recording) => string;
  /** The same as a file on disk; its address. */
  readonly file: (name: string, recording: Recording) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export const buildPage = async (): Promise<BuiltPage> => {
  const folder = await mkdtemp(join(tmpdir(), 'xen-lu-page-'));
  const configFile = join(import.meta.dirname, '../../src/page/vite.config.ts');
  await build({ configFile, build: { outDir: join(folder, 'page') } });
  const html = await readFile(join(folder, 'page/index.html'), 'utf8');
  const filled = (recording: Recording): string => {
    const page = fillPage(html, recording);
    if (page._tag === 'Left') throw new Error(page.left);
    return page.right;
  };
  return {
    with: filled,
    file: async (name, recording) => {
      const path = join(folder, `${name}.html`);
      await writeFile(path, filled(recording));
      return `file://${path}`;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
