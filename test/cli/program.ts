/** The built program as a process, in a folder for the files that it is given. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compiledProgram } from '../support/compiled.ts';

/** What a run of the program came to. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A built program and a folder for files. */
export interface Program {
  readonly folder: string;
  readonly run: (...args: readonly string[]) => Promise<Run>;
  /** The same, with options of Node before it. */
  readonly runWith: (node: readonly string[], ...args: readonly string[]) => Promise<Run>;
  /** Writes a file into the folder, or into folders in it. */
  readonly write: (name: string, content: string | Uint8Array) => void;
  readonly remove: () => void;
}

/** The program of these sources; runs have the folder as their working directory. */
export async function buildProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'xen-lu-'));
  const start = (args: readonly string[], cwd: string): Promise<Run> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, { cwd, maxBuffer: 1 << 26 }, (e, out, err) =>
        resolve({ code: typeof e?.code === 'number' ? e.code : e === null ? 0 : -1, out, err }),
      );
    });
  const main = join(await compiledProgram(), 'dist/src/cli/main.js');
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
