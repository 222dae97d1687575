/**
 * Two-phase commit in the languages of other checkers, the states as in
 * `test/explore/machines/two-phase.ts`, and how to run them. Each gives its
 * number of states and its rate by processor time, or undefined if the tool is
 * not on the PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One run of a checker. */
export interface Run {
  readonly states: number;
  /** Seconds of processor time, and by the clock. */
  readonly processor: number;
  readonly clock: number;
}

/** The protocol in Promela: one process that chooses among all steps. */
export function inOneProcess(size: number): string {
  const each = (text: (i: number) => string) => Array.from({ length: size }, (_, i) => text(i));
  const steps = [
    `tm == 0 && (${each((i) => `heard[${i}]`).join(' && ')}) -> tm = 1`,
    'tm == 0 -> tm = 2',
    ...each((i) => `rm[${i}] == 0 -> rm[${i}] = 1; sent[${i}] = true`),
    ...each((i) => `rm[${i}] == 0 -> rm[${i}] = 3`),
    ...each((i) => `rm[${i}] == 1 && tm == 1 -> rm[${i}] = 2`),
    ...each((i) => `rm[${i}] != 3 && tm == 2 -> rm[${i}] = 3`),
    ...each((i) => `tm == 0 && sent[${i}] && !heard[${i}] -> heard[${i}] = true`),
  ];
  return `byte rm[${size}]; byte tm; bool heard[${size}]; bool sent[${size}];
active proctype All() { do
${steps.map((step) => `:: atomic { ${step} }`).join('\n')}
od }
`;
}

/** The same with a process for each participant and one for the manager. */
export function inProcesses(size: number): string {
  const all = Array.from({ length: size }, (_, i) => `heard[${i}]`).join(' && ');
  const hears = Array.from(
    { length: size },
    (_, i) => `:: atomic { tm == 0 && sent[${i}] && !heard[${i}] -> heard[${i}] = true }`,
  );
  return `byte rm[${size}]; byte tm; bool heard[${size}]; bool sent[${size}];
active proctype Tm() { do
:: atomic { tm == 0 && (${all}) -> tm = 1 }
:: atomic { tm == 0 -> tm = 2 }
${hears.join('\n')}
od }
active [${size}] proctype Rm() { do
:: atomic { rm[_pid-1] == 0 -> rm[_pid-1] = 1; sent[_pid-1] = true }
:: atomic { rm[_pid-1] == 0 -> rm[_pid-1] = 3 }
:: atomic { rm[_pid-1] == 1 && tm == 1 -> rm[_pid-1] = 2 }
:: atomic { rm[_pid-1] != 3 && tm == 2 -> rm[_pid-1] = 3 }
od }
`;
}

/** The same for rumur, in Murphi. */
export function inMurphi(size: number): string {
  const rules = [
    `rule "tm.commit" tm = 0 & forall i : Rms do heard[i] end ==> begin tm := 1; end;`,
    `rule "tm.abort" tm = 0 ==> begin tm := 2; end;`,
    `ruleset i : Rms do
  rule "prepare" rm[i] = 0 ==> begin rm[i] := 1; sent[i] := true; end;
  rule "abort" rm[i] = 0 ==> begin rm[i] := 3; end;
  rule "commits" rm[i] = 1 & tm = 1 ==> begin rm[i] := 2; end;
  rule "aborts" rm[i] != 3 & tm = 2 ==> begin rm[i] := 3; end;
  rule "hears" tm = 0 & sent[i] & !heard[i] ==> begin heard[i] := true; end;
end;`,
  ];
  return `type Rms : 0..${size - 1};
var rm : array [Rms] of 0..3; tm : 0..2; heard : array [Rms] of boolean; sent : array [Rms] of boolean;
startstate begin
  tm := 0;
  for i : Rms do rm[i] := 0; heard[i] := false; sent[i] := false; end;
end;
${rules.join('\n')}
`;
}

/** SPIN, exhaustive, without reduction, -O2. */
export function spin(source: string, times: number): Run[] | undefined {
  const build = [
    ['spin', '-a', 'model'],
    ['gcc', '-O2', '-DSAFETY', '-DNOREDUCE', '-o', 'checker', 'pan.c'],
  ];
  const run = './checker -m10000000 -w24 -E';
  return measured(source, build, run, /([\d.e+]+) states, stored/, times);
}

/** rumur with one thread or more, its deadlocks allowed. */
export function rumur(source: string, threads: number, times: number): Run[] | undefined {
  const build = [
    ['rumur', '--deadlock-detection', 'off', '--threads', String(threads), '-o', 'c.c', 'model'],
    ['gcc', '-O2', '-march=native', '-o', 'checker', 'c.c', '-lpthread'],
  ];
  return measured(source, build, './checker', /([\d,]+) states/, times);
}

function measured(
  source: string,
  build: readonly (readonly string[])[],
  run: string,
  states: RegExp,
  times: number,
): Run[] | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'xen-lu-bench-'));
  try {
    writeFileSync(join(dir, 'model'), source);
    for (const [tool = '', ...args] of build) execFileSync(tool, args, { cwd: dir, stdio: 'pipe' });
    const timed = `TIMEFORMAT='%U %S %R'; time ${run} 2>&1`;
    return Array.from({ length: times }, () => {
      const out = execFileSync('bash', ['-c', `{ ${timed}; } 2>&1`], {
        cwd: dir,
        encoding: 'utf8',
      });
      const [user = 0, system = 0, clock = 0] = (out.trim().split('\n').at(-1) ?? '')
        .split(' ')
        .map(Number);
      const found = [...out.matchAll(new RegExp(states, 'g'))].at(-1)?.[1] ?? '0';
      return { states: Number(found.replaceAll(',', '')), processor: user + system, clock };
    });
  } catch {
    return undefined;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
