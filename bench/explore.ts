/**
 * Two-phase commit, exhausted by this engine, by XState's own traversal and by
 * SPIN, side by side in one run. Medians of three; ratios are what counts.
 *
 *   node dist/bench/explore.js [--n 8] [--graph-n 5]
 *
 * SPIN and gcc are looked for on the PATH; without them that part is left out.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getAdjacencyMap } from 'xstate/graph';
import { exploreSync } from '../src/explore/index.ts';
import { eventsOf, regions, tableEventsOf, tables } from '../test/explore/machines/two-phase.ts';

const { values } = parseArgs({
  options: { n: { type: 'string', default: '8' }, 'graph-n': { type: 'string', default: '5' } },
});
const n = Number(values.n);
const graphN = Number(values['graph-n']);

interface Row {
  readonly name: string;
  readonly states: number;
  /** States a second of processor time: three runs. */
  readonly rates: number[];
}

/** Runs `body` three times; the rate is by this process's processor time. */
function measure(name: string, body: () => number): Row {
  const rates: number[] = [];
  let states = 0;
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    states = body();
    const { user, system } = process.cpuUsage(before);
    rates.push((states / (user + system)) * 1e6);
  }
  return { name, states, rates };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** The protocol in Promela: one process that chooses among all steps. */
function inOneProcess(size: number): string {
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
function inProcesses(size: number): string {
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

/** SPIN, exhaustive, without reduction, -O2: the rate is its own. */
function spin(name: string, source: string): Row | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'xen-lu-spin-'));
  try {
    writeFileSync(join(dir, 'model.pml'), source);
    execFileSync('spin', ['-a', 'model.pml'], { cwd: dir, stdio: 'pipe' });
    const flags = ['-O2', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c'];
    execFileSync('gcc', flags, { cwd: dir, stdio: 'pipe' });
    const rates: number[] = [];
    let states = 0;
    for (let i = 0; i < 3; i++) {
      const args = ['-m10000000', '-w24', '-E'];
      const out = execFileSync('./pan', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
      states = Number(/([\d.e+]+) states, stored/.exec(out)?.[1] ?? 0);
      const seconds = Number(/elapsed time ([\d.e+-]+)/.exec(out)?.[1] ?? Number.NaN);
      rates.push(states / seconds);
    }
    return { name, states, rates };
  } catch {
    return undefined;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const mine = [
  measure(`engine, regions, N=${n}`, () => {
    return exploreSync(regions(n), { events: eventsOf(n) as never }).states;
  }),
  measure(`engine, arrays, N=${n}`, () => {
    return exploreSync(tables(n), { events: tableEventsOf(n) }).states;
  }),
  measure(`engine, regions, N=${graphN}`, () => {
    return exploreSync(regions(graphN), { events: eventsOf(graphN) as never }).states;
  }),
];
const peers = [
  measure(`xstate/graph, regions, N=${graphN}`, () => {
    const map = getAdjacencyMap(regions(graphN) as never, { events: eventsOf(graphN) as never });
    return Object.keys(map).length;
  }),
  spin(`SPIN, one process, N=${n}`, inOneProcess(n)),
  spin(`SPIN, ${n + 1} processes, N=${n}`, inProcesses(n)),
];
const rows = [...mine, ...peers].filter((row) => row !== undefined);
for (const { name, states, rates } of rows) {
  const shown = [median(rates), ...rates].map((rate) => Math.round(rate).toLocaleString('en'));
  console.log(`${name.padEnd(32)} ${String(states).padStart(9)} ${shown[0]?.padStart(11)}/s`);
}
const rate = (start: string) => median(rows.find((row) => row.name.startsWith(start))?.rates ?? []);
const ratio = (a: string, b: string) => {
  if (rate(b) > 0) console.log(`${a} : ${b} = ${(rate(a) / rate(b)).toFixed(2)}`);
};
ratio(`engine, regions, N=${graphN}`, 'xstate/graph');
ratio(`engine, regions, N=${n}`, 'SPIN, one');
ratio(`engine, regions, N=${n}`, `SPIN, ${n + 1}`);
ratio(`engine, arrays, N=${n}`, 'SPIN, one');
ratio(`engine, arrays, N=${n}`, `SPIN, ${n + 1}`);
