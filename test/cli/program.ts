/** The built program in a folder of its own, so that no test runs an old one. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What a run of the program came to. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A built program and a folder for files. */
export interface Program {
  /** Files written here import what the project imports. */
  readonly folder: string;
  readonly run: (...args: readonly string[]) => Promise<Run>;
  /** The same, with options of Node before it. */
  readonly runWith: (node: readonly string[], ...args: readonly string[]) => Promise<Run>;
  /** Writes a file into the folder, or into folders in it. */
  readonly write: (name: string, content: string | Uint8Array) => void;
  readonly remove: () => void;
}

/** Builds the program; runs have the folder as their working directory. */
export async function buildProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'xen-lu-'));
  const start = (args: readonly string[], cwd: string): Promise<Run> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, { cwd, maxBuffer: 1 << 26 }, (e, out, err) =>
        resolve({ code: typeof e?.code === 'number' ? e.code : e === null ? 0 : -1, out, err }),
      );
    });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const dist = join(folder, 'program/dist');
  const built = await start([tsc, '-p', 'tsconfig.build.json', '--outDir', dist], ROOT);
  // Types are checked elsewhere: a file with a wrong one is written all the same.
  if (!existsSync(join(dist, 'src/cli/main.js'))) throw new Error(built.out);
  writeFileSync(join(folder, 'program/package.json'), readFileSync(join(ROOT, 'package.json')));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'program/node_modules'));
  const main = join(dist, 'src/cli/main.js');
  return {
    folder,
    run: (...args) => start([main, ...args], folder),
    runWith: (node, ...args) => start([...node, main, ...args], folder),
    write: (name, content) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
