/** A whole trace against the machines: the result for people and programs. */
import * as E from 'fp-ts/lib/Either.js';
import { CHARTS } from '../../machines/charts.ts';
import type { ByteSource } from '../stream/framing/byte-source.ts';
import type { AnyChart } from '../world/chart.ts';
import {
  TRACE_WANTED,
  type TraceError,
  traceErrorAdvice,
  traceErrorText,
} from '../xen/trace/errors.ts';
import { LOST_RECORDS } from '../xen/trace/header.ts';
import { readTrace, readTraceFile } from '../xen/trace/read.ts';
import type { TraceTotals } from '../xen/trace/reader.ts';
import { type TraceRecord, tscOf } from '../xen/trace/record.ts';
import { TscRate } from '../xen/trace/tsc-rate.ts';
import { differenceOf, type U64 } from '../xen/trace/u64.ts';
import { TraceChecker } from './checker.ts';
import type { Divergence } from './divergence.ts';
import { Entries, type EntryCount } from './entries.ts';
import type { ChartFollower } from './follow.ts';
import { type Dumps, type DumpVerdict, NO_DUMPS } from './moments.ts';

/** One transition of a machine, and how often Xen took it. */
export interface TransitionCount {
  /** State that it leaves, without the machine's name; empty: the machine itself. */
  readonly from: string;
  /** The event; null: it happens by itself. */
  readonly event: string | null;
  readonly to: string | null;
  readonly guard: string | null;
  /** Times that it was surely taken. */
  readonly seen: number;
  /** Times that it may have been taken, among other possibilities. */
  readonly possible: number;
}

export interface MachineCount {
  readonly name: string;
  /** All transitions, in the order of the machine's config. */
  readonly transitions: readonly TransitionCount[];
}

export interface ConformResult {
  readonly trace: string;
  readonly verdict: 'accepted' | 'diverged';
  /** Records in the file; in a trace that diverges, up to where reading ended. */
  readonly records: number;
  /** Records that were checked: all but those in gaps and in the tail. */
  readonly checked: number;
  /** Records that Xen had no room for, as LOST_RECORDS says. */
  readonly lost: number;
  readonly cpus: readonly number[];
  /** From the first to the last record, in TSC cycles. */
  readonly cycles: number;
  /** TSC cycles per microsecond by the trace's own times, or null. */
  readonly cyclesPerUs: number | null;
  /** Domains that it names, ascending. */
  readonly domains: readonly number[];
  /** Entries of domctl and sysctl, new and re-entered. */
  readonly entries: readonly EntryCount[];
  readonly machines: readonly MachineCount[];
  readonly divergence: Divergence | null;
  /** The dumps that were given, and whether the trace leads to what they show. */
  readonly dumps: readonly DumpVerdict[];
}

/** The trace cannot be read; the text says what is wrong, and where, the hint what to do. */
export interface Unreadable {
  readonly trace: string;
  readonly verdict: 'unreadable';
  readonly code: TraceError['code'] | 'empty';
  /** Byte offset in the decompressed file. */
  readonly offset: number;
  readonly text: string;
  readonly hint: string;
  /** Records before that place that were checked; the machines allow them. */
  readonly checked: number;
}

export interface ConformOptions {
  readonly charts?: readonly AnyChart[];
  /** Console dumps taken while the trace ran. */
  readonly dumps?: Dumps;
  /** Told how far it has come, now and then. */
  readonly onProgress?: (records: number) => void;
}

const PROGRESS_EVERY = 0x3_ffff;

/** Checks a trace record by record: give `visit` and `tail` to the reader. */
export class ConformRun {
  readonly #checker: TraceChecker;
  readonly #rate = new TscRate();
  readonly #entries = new Entries(this.#rate);
  readonly #onProgress: ((records: number) => void) | undefined;
  #records = 0;
  #lost = 0;
  #start: U64 | undefined;
  #end: U64 = { hi: 0, lo: 0 };

  constructor(options: ConformOptions = {}) {
    this.#checker = new TraceChecker(options.charts ?? CHARTS, options.dumps ?? NO_DUMPS);
    this.#onProgress = options.onProgress;
  }

  readonly visit = (record: TraceRecord): 'stop' | undefined => {
    this.#records += 1;
    if ((this.#records & PROGRESS_EVERY) === 0) this.#onProgress?.(this.#records);
    const { event } = record;
    if (event >>> 12 === 0x28) this.#rate.observe(record);
    else if (event === LOST_RECORDS) this.#lost += record.word(0);
    this.#entries.observe(record, this.#checker.executing(record.cpu));
    this.#start ??= tscOf(record);
    this.#end = { hi: record.tscHi, lo: record.tscLo };
    return this.#checker.visit(record);
  };

  /** Records that were checked so far. */
  get checked(): number {
    return this.#checker.checked;
  }

  get tail(): () => void {
    return this.#checker.tail;
  }

  result(trace: string, totals: TraceTotals): ConformResult {
    const { judge, machines, host, checked, moments } = this.#checker;
    const dumps = moments.verdicts();
    const agrees = judge.first === null && dumps.every(({ problems }) => problems.length === 0);
    return {
      trace,
      verdict: agrees ? 'accepted' : 'diverged',
      records: totals.records,
      checked,
      lost: this.#lost,
      cpus: totals.cpus,
      cycles: this.#start === undefined ? 0 : differenceOf(this.#end, this.#start),
      cyclesPerUs: this.#rate.cyclesPerUs ?? null,
      domains: host.domainIds,
      entries: this.#entries.counts,
      machines: machines.followers.map(countsOf),
      divergence: judge.first,
      dumps,
    };
  }
}

const countsOf = ({ chart, tree, seen, possible }: ChartFollower): MachineCount => {
  const own = chart.name.length + 1;
  const nameOf = (node: number): string => tree.nodes[node]?.id.slice(own) ?? '';
  return {
    name: chart.name,
    transitions: tree.transitions.map((t, i) => ({
      from: nameOf(t.source),
      event: t.event,
      to: t.target === null ? null : nameOf(t.target),
      guard: t.guard,
      seen: seen[i] ?? 0,
      possible: possible[i] ?? 0,
    })),
  };
};

/** A file in which nothing is says nothing of Xen, and is no trace that is accepted. */
const EMPTY = ['trace: empty at byte 0', '  the file holds no record at all'].join('\n');

const outcome = (
  trace: string,
  run: ConformRun,
  read: E.Either<TraceError, TraceTotals>,
): E.Either<Unreadable, ConformResult> => {
  const unreadable = { trace, verdict: 'unreadable', checked: run.checked } as const;
  if (E.isLeft(read)) {
    const { code, offset } = read.left;
    const [text, hint] = [traceErrorText(read.left), traceErrorAdvice(read.left)];
    return E.left({ ...unreadable, code, offset, text, hint });
  }
  return read.right.records === 0
    ? E.left({ ...unreadable, code: 'empty', offset: 0, text: EMPTY, hint: TRACE_WANTED })
    : E.right(run.result(trace, read.right));
};

/** Checks the trace in the file at `path`, plain or .xz, in constant memory. */
export const conformFile = async (
  path: string,
  options: ConformOptions = {},
): Promise<E.Either<Unreadable, ConformResult>> => {
  const run = new ConformRun(options);
  return outcome(path, run, await readTraceFile(path, run.visit, { onTail: run.tail }));
};

/** The same for bytes from wherever they come; `name` stands for the path. */
export const conformBytes = async (
  name: string,
  source: ByteSource,
  options: ConformOptions = {},
): Promise<E.Either<Unreadable, ConformResult>> => {
  const run = new ConformRun(options);
  return outcome(name, run, await readTrace(source, run.visit, { onTail: run.tail }));
};
