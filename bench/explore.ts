/**
 * Two-phase commit, exhausted by this engine with one and two workers, by
 * XState's own traversal, by SPIN and by rumur, side by side in one run.
 * Medians of three; ratios are what counts.
 *
 *   npx tsc -p tsconfig.json && node dist/bench/explore.js [--n 8] [--graph-n 6]
 *
 * SPIN, rumur and gcc are looked for on the PATH; without one its part is left
 * out. Rates are by processor time, which other work on the machine disturbs
 * least; what two workers gain shows by the clock, and only where two
 * processors are free: the column "cores" tells how many were had.
 */
import { parseArgs } from 'node:util';
import { getAdjacencyMap } from 'xstate/graph';
import { explore } from '../src/explore/index.ts';
import { eventsOf, regions, subject } from '../test/explore/machines/two-phase.ts';
import { inMurphi, inOneProcess, inProcesses, type Run, rumur, spin } from './explore-peers.ts';

const TIMES = 3;

const { values } = parseArgs({
  options: { n: { type: 'string', default: '8' }, 'graph-n': { type: 'string', default: '6' } },
});
const n = Number(values.n);
const graphN = Number(values['graph-n']);

interface Row {
  readonly name: string;
  readonly runs: readonly Run[];
}

async function measure(name: string, body: () => number | Promise<number>): Promise<Row> {
  const runs: Run[] = [];
  for (let i = 0; i < TIMES; i++) {
    const start = performance.now();
    const before = process.cpuUsage();
    const states = await body();
    const { user, system } = process.cpuUsage(before);
    const clock = (performance.now() - start) / 1000;
    runs.push({ states, processor: (user + system) / 1e6, clock });
  }
  return { name, runs };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

const MODULE = new URL('../test/explore/machines/two-phase.js', import.meta.url);

function engine(form: 'regions' | 'tables', size: number, workers: number): Promise<Row> {
  const many = workers === 1 ? '' : `, ${workers} workers`;
  return measure(`engine, ${form}${many}, N=${size}`, async () => {
    const argument = { form, n: size };
    const { machine, options } = subject(argument);
    const shared = { workers, subject: { module: MODULE, argument } };
    const result = await explore(machine, { ...(options as object), ...shared });
    if (result.verdict !== 'holds') throw new Error(result.verdict);
    return result.states;
  });
}

const rows: Row[] = [
  await engine('regions', n, 1),
  await engine('regions', n, 2),
  await engine('tables', n, 1),
  await engine('tables', n, 2),
  await engine('regions', graphN, 1),
  await measure(`xstate/graph, regions, N=${graphN}`, () => {
    const map = getAdjacencyMap(regions(graphN) as never, { events: eventsOf(graphN) as never });
    return Object.keys(map).length;
  }),
];
for (const [name, runs] of [
  ['SPIN, one process', spin(inOneProcess(n), TIMES)],
  [`SPIN, ${n + 1} processes`, spin(inProcesses(n), TIMES)],
  ['rumur, one thread', rumur(inMurphi(n), 1, TIMES)],
] as const) {
  if (runs !== undefined) rows.push({ name: `${name}, N=${n}`, runs });
}

const rates = (row: Row | undefined, by: 'processor' | 'clock') =>
  (row?.runs ?? []).map((run) => run.states / run[by]);
const grouped = (value: number) => Math.round(value).toLocaleString('en');
console.log(`${''.padEnd(34)}${'states'.padStart(10)}${'by processor/s'.padStart(16)}  cores`);
for (const row of rows) {
  const { name, runs } = row;
  const cores = median(runs.map(({ processor, clock }) => processor / clock));
  const rate = grouped(median(rates(row, 'processor')));
  const states = grouped(runs[0]?.states ?? 0);
  console.log(`${name.padEnd(34)}${states.padStart(10)}${rate.padStart(16)}  ${cores.toFixed(2)}`);
}
const find = (start: string) => rows.find((row) => row.name.startsWith(start));
const ratio = (a: string, b: string, by: 'processor' | 'clock' = 'processor') => {
  const [one, other] = [median(rates(find(a), by)), median(rates(find(b), by))];
  if (other > 0) console.log(`${a} : ${b} = ${(one / other).toFixed(2)} by ${by}`);
};
for (const form of ['regions', 'tables']) {
  ratio(`engine, ${form}, 2 workers`, `engine, ${form}, N=${n}`, 'clock');
  ratio(`engine, ${form}, N=${n}`, 'SPIN, one');
  ratio(`engine, ${form}, N=${n}`, `SPIN, ${n + 1}`);
  ratio(`engine, ${form}, N=${n}`, 'rumur');
}
ratio(`engine, regions, N=${graphN}`, 'xstate/graph');
