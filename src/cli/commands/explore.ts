/** `xen-lu explore`: every state of a machine, and the shortest way to a bad one. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { basename } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import {
  type Exploration,
  type ExploreOptions,
  explore as exploreMachine,
  looksLikeCheckpoint,
  type Progress,
  toItf,
} from '../../explore/index.ts';
import { grouped, wrap } from '../../report/text.ts';
import {
  type Command,
  EXIT,
  type Exit,
  flag,
  type Io,
  text,
  texts,
  usageError,
  type Values,
} from '../command.ts';
import { document } from '../explore/document.ts';
import { findSubject } from '../explore/find-subject.ts';
import { followFile } from '../explore/follow.ts';
import { plainJson } from '../explore/plain-json.ts';
import { scopesFor } from '../explore/scopes.ts';
import type { Subject } from '../explore/subject.ts';
import { explorationText } from '../explore/text.ts';
import { progressOn } from '../progress.ts';

/** The module that worker threads import; beside this one in the built program. */
const SUBJECT = new URL('../explore/thread-subject.js', import.meta.url);

const MEGABYTE = 1024 * 1024;

/** Of what is asked for on the command line, all but the machine. */
interface Limits {
  readonly maxStates?: number;
  /** Bytes. */
  readonly maxMemory: number;
  readonly resume?: Uint8Array;
  readonly workers?: number;
}

export const explore: Command = {
  details: [
    'Visits every state that an XState v5 machine can reach, and shows the',
    'shortest way to one that breaks an invariant.',
    '',
    'FILE (.ts, .js, .mjs) exports `machine`, `events` (a list) and, if it',
    'likes, `invariants` (functions of a state, by name) and `options`.',
    '',
    'Ctrl-C leaves a checkpoint for --resume. A search that was ended before',
    'it was complete has exit status 3, whatever ended it.',
  ],
  optionHelp: [
    ['--invariant NAME', 'check this one only; may be given again'],
    ['--policy Q=ANSWER', 'answer an open question otherwise; may be repeated'],
    ['--max-states N', 'end when more than N states are seen'],
    ['--max-memory MB', 'end before states take more; half of all if not given'],
    ['--deadlock', 'a state in which nothing can happen is bad'],
    ['--workers N', 'search with N threads; they load FILE if they have to'],
    ['--symmetry', 'use the symmetry that FILE exports in `options`'],
    ['--por', 'leave out orders of events that make no difference'],
    ['--resume CHECKPOINT', 'go on from there'],
    ['--checkpoint PATH', 'where to leave one, at limits too'],
    ['--itf PATH', "write the trace in Apalache's format"],
    ['--follow PATH', 'is the trace in that file (ITF) a run of the machine?'],
    ['--json', 'one JSON document'],
  ],
  options: {
    invariant: { type: 'string', multiple: true },
    policy: { type: 'string', multiple: true },
    'max-states': { type: 'string' },
    'max-memory': { type: 'string' },
    deadlock: { type: 'boolean' },
    workers: { type: 'string' },
    symmetry: { type: 'boolean' },
    por: { type: 'boolean' },
    resume: { type: 'string' },
    checkpoint: { type: 'string' },
    itf: { type: 'string' },
    follow: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (values, [name, ...more], io) => {
    if (name === undefined || more.length > 0) return usageError('explore wants one FILE or SCOPE');
    const trace = text(values, 'follow');
    if (trace !== undefined) return followFile(name, trace, values, io);
    const taken = inTheWay(values, name);
    if (taken !== undefined) return bad(io, taken);
    const limits = limitsOf(values);
    if (isLeft(limits)) return usageError(limits.left);
    const scopes = scopesFor(name, texts(values, 'policy'));
    if (isLeft(scopes)) return usageError(scopes.left);
    const found = await findSubject(name, texts(values, 'invariant'), scopes.right);
    if (isLeft(found)) return bad(io, found.left);
    const { ownNumbers, options: all } = found.right;
    const { symmetry, ...options } = all;
    if (flag(values, 'symmetry') && symmetry === undefined) {
      return bad(io, `${name}: --symmetry wants \`symmetry\` in the exported options`);
    }
    const result = await watched(io, {
      ...found.right,
      options: {
        ...options,
        ...limits.right,
        ...(ownNumbers === true ? {} : { subject: { module: SUBJECT, argument: name } }),
        ...(flag(values, 'symmetry') && symmetry !== undefined ? { symmetry } : {}),
        ...(flag(values, 'por') ? { reductions: ['por'] } : {}),
        ...(flag(values, 'deadlock') ? { deadlock: true } : {}),
      },
    });
    return report(io, result, name, found.right, values);
  },
};

/** What of the files to be written is there already: said before the search, not after it. */
function inTheWay(values: Values, name: string): string | undefined {
  const itf = text(values, 'itf');
  if (itf !== undefined && existsSync(itf)) return `${itf} is there already`;
  const checkpoint = text(values, 'checkpoint');
  if (flag(values, 'por')) {
    return checkpoint === undefined
      ? undefined
      : '--por leaves no checkpoint: not with --checkpoint';
  }
  // A search that goes on may leave its next checkpoint in the place of the last one.
  const path = checkpoint ?? `${basename(name)}.checkpoint`;
  if (!existsSync(path) || isCheckpoint(path)) return undefined;
  return `${path} is there already and is no checkpoint`;
}

function isCheckpoint(path: string): boolean {
  try {
    return looksLikeCheckpoint(new Uint8Array(readFileSync(path)));
  } catch {
    return false;
  }
}

function bad(io: Io, what: string): Exit {
  io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
  return EXIT.badInput;
}

function limitsOf(values: Values): Either<string, Limits> {
  const numbers: Record<string, number> = {};
  for (const name of ['max-states', 'max-memory', 'workers']) {
    const given = text(values, name);
    if (given === undefined) continue;
    if (!/^[1-9]\d{0,14}$/.test(given)) return left(`--${name} wants a whole number, 1 or more`);
    numbers[name] = Number(given);
  }
  const { 'max-states': maxStates, 'max-memory': megabytes, workers } = numbers;
  const maxMemory = megabytes === undefined ? totalmem() / 2 : megabytes * MEGABYTE;
  const limits: Limits = {
    maxMemory,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(workers === undefined ? {} : { workers }),
  };
  const checkpoint = text(values, 'resume');
  if (checkpoint === undefined) return right(limits);
  try {
    return right({ ...limits, resume: new Uint8Array(readFileSync(checkpoint)) });
  } catch {
    return left(`--resume: cannot read ${checkpoint}`);
  }
}

/** Explores with progress on a terminal; the first Ctrl-C ends it in order. */
async function watched(io: Io, { machine, options }: Subject): Promise<Exploration> {
  const progress = progressOn(io.terminal, io.clock);
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once('SIGINT', interrupt);
  const all: ExploreOptions = {
    ...options,
    clock: io.clock,
    signal: controller.signal,
    onProgress: (now) => progress.tell(progressText(now)),
  };
  try {
    return await exploreMachine(machine, all);
  } finally {
    process.off('SIGINT', interrupt);
    progress.done();
  }
}

function progressText({ states, frontier, depth, bytes, seconds = 0 }: Progress): string {
  const rate = seconds > 0 ? grouped(Math.round(states / seconds)) : '0';
  const megabytes = grouped(Math.ceil(bytes / MEGABYTE));
  return `${grouped(states)} states, ${rate}/s, frontier ${grouped(frontier)}, depth ${depth}, ${megabytes} MB`;
}

function report(
  io: Io,
  result: Exploration,
  name: string,
  { options, words }: Subject,
  values: Values,
): Exit {
  const trace = 'trace' in result ? result.trace : undefined;
  const files: [string, string | Uint8Array][] = [];
  const itf = text(values, 'itf');
  if (itf !== undefined && trace !== undefined) files.push([itf, JSON.stringify(toItf(trace))]);
  let checkpoint: string | undefined;
  if (result.verdict === 'incomplete') {
    const byDefault = result.reason === 'aborted' ? `${basename(name)}.checkpoint` : undefined;
    checkpoint = text(values, 'checkpoint') ?? byDefault;
    if (result.checkpoint.length === 0) checkpoint = undefined;
    if (checkpoint !== undefined) files.push([checkpoint, result.checkpoint]);
  }
  for (const [path, content] of files) {
    try {
      writeFileSync(path, content);
    } catch (problem) {
      return bad(io, `cannot write ${path}: ${(problem as Error).message}`);
    }
  }
  if (result.verdict === 'refused') {
    io.err(explorationText(result, { name, invariants: [] }));
  } else if (flag(values, 'json')) io.out(plainJson(document(result, checkpoint, words), 2));
  else {
    const { always, sometimes, eventually, leadsTo } = options;
    const invariants = Object.keys({ ...always, ...sometimes, ...eventually, ...leadsTo });
    io.out(explorationText(result, { name, invariants, words }));
    if (checkpoint !== undefined) io.out(`Go on with --resume ${checkpoint}`);
  }
  return exitOf(result);
}

function exitOf({ verdict }: Exploration): Exit {
  switch (verdict) {
    case 'holds':
      return EXIT.holds;
    case 'violated':
      return EXIT.violated;
    case 'incomplete':
      return EXIT.refused;
    default:
      return EXIT.badInput;
  }
}
