/** The page as built, with a recording put into it: one file that needs nothing else. */
import { readFile } from 'node:fs/promises';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Recording } from './recording/recording.ts';

/** Where the build puts it, seen from this file when compiled and from its source. */
const PLACES = ['../../page/index.html', '../../dist/page/index.html'] as const;

const HOLDER = '<script type="application/json" id="recording"></script>';

/** JSON that may stand inside a script element: nothing in it can end or open one. */
export const inScript = (value: unknown): string =>
  JSON.stringify(value).replaceAll('<', '\\u003c');

const readPage = async (): Promise<string | null> => {
  for (const place of PLACES) {
    const html = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null);
    if (html !== null) return html;
  }
  return null;
};

/** Puts a recording into the page as built; Left: this is not the page. */
export const fillPage = (html: string, recording: Recording): Either<string, string> => {
  if (!html.includes(HOLDER)) return left('the page as built has no place for a recording');
  const filled = HOLDER.replace('></', () => `>${inScript(recording)}</`);
  return right(html.replace(HOLDER, () => filled));
};

/** The whole page; Left: it has not been built. */
export const pageOf = async (recording: Recording): Promise<Either<string, string>> => {
  const html = await readPage();
  return html === null
    ? left('the page is not there; build it: npm run build')
    : fillPage(html, recording);
};
