/**
 * Two-phase commit, exhausted by this engine with one and two workers, by
 * XState's own traversal, by SPIN and by rumur, side by side in one run.
 * Medians of three (with one participant more: one run); ratios are what counts.
 *
 *   npx tsc -p tsconfig.json && node dist/bench/explore.js [--n 8] [--graph-n 6]
 *
 * With `--write` the table takes the place of the one in docs/explore.md.
 *
 * All are run once, then all a second time, then a third, each in a process of
 * its own: what else the machine does meets all alike. SPIN, rumur and gcc are
 * looked for on the PATH; without one its part is left out. Rates are by
 * processor time (of all threads, without the start of Node or the making of a
 * checker), which other work disturbs least. What two workers gain shows by
 * the clock, and only where two processors are free: the column "cores" tells
 * how many were had, and two searches at once, each with one worker in a process
 * of its own, tell what two processors give at the best.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { getAdjacencyMap } from 'xstate/graph';
import { explore } from '../src/explore/index.ts';
import { eventsOf, regions, subject } from '../test/explore/machines/two-phase.ts';
import { inMurphi, inOneProcess, inProcesses, type Run, rumur, spin } from './explore-peers.ts';

const TIMES = 3;

type Form = 'regions' | 'tables';

/** A part of the benchmark that runs in a process of its own. */
type Job = readonly [what: Form | 'graph', size: number, workers: number];

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '8' },
    'graph-n': { type: 'string', default: '6' },
    write: { type: 'boolean', default: false },
    one: { type: 'string' },
  },
});

if (values.one !== undefined) {
  console.log(JSON.stringify(await measured(JSON.parse(values.one) as Job)));
} else {
  await compare(Number(values.n), Number(values['graph-n']));
}

/** Runs one job here. */
async function measured([what, size, workers]: Job): Promise<Run> {
  const start = performance.now();
  const before = process.cpuUsage();
  const states = what === 'graph' ? byGraph(size) : await byEngine(what, size, workers);
  const { user, system } = process.cpuUsage(before);
  const clock = (performance.now() - start) / 1000;
  return { states, processor: (user + system) / 1e6, clock };
}

function byGraph(size: number): number {
  const map = getAdjacencyMap(regions(size) as never, { events: eventsOf(size) as never });
  return Object.keys(map).length;
}

async function byEngine(form: Form, n: number, workers: number): Promise<number> {
  const { machine, options } = subject({ form, n });
  const result = await explore(machine, { ...(options as object), workers });
  if (result.verdict !== 'holds') throw new Error(result.verdict);
  return result.states;
}

/** Runs one job in another process. */
async function apart(...job: Job): Promise<Run> {
  const file = fileURLToPath(import.meta.url);
  const args = ['--max-old-space-size=6000', file, '--one', JSON.stringify(job)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Run;
}

/** Runs the same job in two processes at the same time, as one run of twice the states. */
async function twice(...job: Job): Promise<Run> {
  const [one, other] = await Promise.all([apart(...job), apart(...job)]);
  return {
    states: one.states + other.states,
    processor: one.processor + other.processor,
    clock: Math.max(one.clock, other.clock),
  };
}

/** Runs everything, prints the table and the ratios. */
async function compare(n: number, graphN: number): Promise<void> {
  const more = n + 1;
  const jobs: readonly (readonly [
    name: string,
    run: () => Run | undefined | Promise<Run>,
    times?: number,
  ])[] = [
    [`engine, regions, N=${n}`, () => apart('regions', n, 1)],
    [`engine, regions, 2 workers, N=${n}`, () => apart('regions', n, 2)],
    [`2 engines at once, regions, N=${n}`, () => twice('regions', n, 1)],
    [`SPIN, one process, N=${n}`, () => spin(inOneProcess(n), 1)?.[0]],
    [`engine, tables, N=${n}`, () => apart('tables', n, 1)],
    [`engine, tables, 2 workers, N=${n}`, () => apart('tables', n, 2)],
    [`2 engines at once, tables, N=${n}`, () => twice('tables', n, 1)],
    [`SPIN, ${n + 1} processes, N=${n}`, () => spin(inProcesses(n), 1)?.[0]],
    [`rumur, one thread, N=${n}`, () => rumur(inMurphi(n), 1, 1)?.[0]],
    [`engine, regions, N=${more}`, () => apart('regions', more, 1), 1],
    [`engine, regions, 2 workers, N=${more}`, () => apart('regions', more, 2), 1],
    [`engine, tables, N=${more}`, () => apart('tables', more, 1), 1],
    [`engine, tables, 2 workers, N=${more}`, () => apart('tables', more, 2), 1],
    [`engine, regions, N=${graphN}`, () => apart('regions', graphN, 1)],
    [`xstate/graph, regions, N=${graphN}`, () => apart('graph', graphN, 1)],
  ];
  const runs = new Map<string, Run[]>();
  for (let time = 1; time <= TIMES; time++) {
    for (const [name, run, times = TIMES] of jobs) {
      if (time > times) continue;
      const one = await run();
      if (one === undefined) continue;
      runs.set(name, [...(runs.get(name) ?? []), one]);
      console.error(`${time}/${times} ${name}: ${one.processor.toFixed(2)} s`);
    }
  }
  const lines = table(runs);
  lines.push('');
  const ratio = (a: string, b: string, by: 'processor' | 'clock' = 'processor') => {
    const [one, other] = [rate(runs.get(a), by), rate(runs.get(b), by)];
    if (other > 0) lines.push(`- ${a} : ${b} = ${(one / other).toFixed(2)} by ${by}`);
  };
  for (const form of ['regions', 'tables']) {
    const alone = `engine, ${form}, N=${n}`;
    ratio(`2 engines at once, ${form}, N=${n}`, alone, 'clock');
    for (const by of ['clock', 'processor'] as const) {
      ratio(`engine, ${form}, 2 workers, N=${n}`, alone, by);
    }
    ratio(`engine, ${form}, 2 workers, N=${more}`, `engine, ${form}, N=${more}`, 'clock');
    ratio(alone, `SPIN, one process, N=${n}`);
    ratio(alone, `SPIN, ${n + 1} processes, N=${n}`);
    ratio(alone, `rumur, one thread, N=${n}`);
  }
  ratio(`engine, regions, N=${graphN}`, `xstate/graph, regions, N=${graphN}`);
  console.log(lines.join('\n'));
  if (values.write) intoPage(lines);
}

/** Puts the lines between the marks of the page. */
function intoPage(lines: readonly string[]): void {
  const page = fileURLToPath(new URL('../../docs/explore.md', import.meta.url));
  const text = readFileSync(page, 'utf8');
  const parts = /^([\s\S]*<!-- bench\/explore -->\n)[\s\S]*(<!-- end -->[\s\S]*)$/.exec(text);
  if (parts === null) throw new Error(`${page} has no marks for the table`);
  writeFileSync(page, `${parts[1]}\n${lines.join('\n')}\n\n${parts[2]}`);
}

function table(all: ReadonlyMap<string, readonly Run[]>): string[] {
  const grouped = (value: number) => Math.round(value).toLocaleString('en');
  const lines = [
    `| ${'what'.padEnd(33)} | ${'states'.padStart(10)} | per second | cores |`,
    `|${'-'.repeat(35)}|${'-'.repeat(12)}|${'-'.repeat(12)}|${'-'.repeat(7)}|`,
  ];
  for (const [name, runs] of all) {
    const cores = median(runs.map(({ processor, clock }) => processor / clock)).toFixed(2);
    const states = grouped(runs[0]?.states ?? 0).padStart(10);
    const speed = grouped(rate(runs, 'processor')).padStart(10);
    lines.push(`| ${name.padEnd(33)} | ${states} | ${speed} | ${cores.padStart(5)} |`);
  }
  return lines;
}

/** The median of the states a second. */
function rate(runs: readonly Run[] | undefined, by: 'processor' | 'clock'): number {
  return median((runs ?? []).map((run) => run.states / run[by]));
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
