/**
 * The program as it is shipped, for the tests: built once by the compiler for
 * each state of its sources. Modules that Node itself loads run twice as fast
 * as those that the runner of the tests loads from TypeScript, and the tests
 * then try what people run.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');
/** Ignored by git. One folder for each state of the sources. */
const PROGRAMS = join(ROOT, '.xen-lu/program');
/** What the build takes; the page has a build of its own. */
const ROOMS = ['src', 'machines', 'properties'] as const;
const PAGE = `src${sep}page${sep}`;
const SETTINGS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/typescript/package.json',
] as const;
/** A build that no run has used for a day goes. */
const KEPT_MS = 24 * 3600 * 1000;

/** Is the file, by its path from the root, of the program? */
const isOfProgram = (path: string): boolean =>
  ROOMS.some((room) => path.startsWith(room + sep)) &&
  !path.startsWith(PAGE) &&
  path.endsWith('.ts');

const stateOfSources = (): string => {
  const hash = createHash('sha256');
  const sources = ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .map((name) => join(room, name))
      .filter(isOfProgram)
      .sort(),
  );
  for (const path of [...SETTINGS, ...sources])
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
};

const dropOld = (): void => {
  for (const name of readdirSync(PROGRAMS)) {
    const folder = join(PROGRAMS, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true });
  }
};

/** Types are looked at elsewhere; an error of syntax fails here, in the compiler's words. */
const compile = async (outDir: string): Promise<void> => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const quick = ['--noCheck', '--declaration', 'false', '--sourceMap', '--inlineSources'];
  const args = [tsc, '-p', 'tsconfig.build.json', ...quick, '--outDir', outDir];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT }).catch((e) => {
    throw new Error(`the program does not compile\n${e.stdout ?? e.message}`);
  });
};

/**
 * The folder of the built program: `dist/src/cli/main.js` and all that it
 * needs. Two runs that build at once do not meet: each writes a folder of its
 * own, and the first gives it the name.
 */
export const compiledProgram = async (): Promise<string> => {
  const folder = join(PROGRAMS, stateOfSources());
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return folder;
  }
  const draft = `${folder}-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await compile(join(draft, 'dist'));
    cpSync(join(ROOT, 'package.json'), join(draft, 'package.json'));
    renameSync(draft, folder);
  } catch (e) {
    if (!existsSync(folder)) throw e;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  dropOld();
  return folder;
};

/** Where the compiled file of a source is in a built program; null: it is not of the program. */
export const compiledFile = (program: string, source: string): string | null => {
  const path = relative(ROOT, source);
  return isOfProgram(path) ? join(program, 'dist', path.replace(/\.ts$/, '.js')) : null;
};
