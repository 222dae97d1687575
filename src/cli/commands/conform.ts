/** `xen-lu conform`: does a trace of real Xen do what the machines allow? */
import * as E from 'fp-ts/lib/Either.js';
import { badCapture } from '../../check/check-capture.ts';
import type { BadInput } from '../../check/result.ts';
import { type ConformResult, conformFile, type Unreadable } from '../../conform/conform-trace.ts';
import { type DumpedHost, readDump } from '../../conform/dumps.ts';
import type { Dumps } from '../../conform/moments.ts';
import { badInputText } from '../../report/check-text.ts';
import { conformText, unreadableText } from '../../report/conform-text.ts';
import { grouped } from '../../report/text.ts';
import {
  type Command,
  EXIT,
  type Exit,
  flag,
  json,
  texts,
  usageError,
  type Values,
  worst,
} from '../command.ts';
import { progressOn } from '../progress.ts';

/** The dumps that the options name, or what is wrong with the first bad one. */
const readDumps = async (values: Values): Promise<E.Either<BadInput, Dumps>> => {
  const read: Record<keyof Dumps, DumpedHost[]> = { before: [], mid: [], after: [] };
  for (const taken of ['before', 'mid', 'after'] as const) {
    for (const path of texts(values, taken)) {
      const dump = await readDump(path);
      if (E.isLeft(dump)) return E.left(badCapture(path, dump.left));
      read[taken].push(dump.right);
    }
  }
  return E.right(read);
};

export const conform: Command = {
  details: [
    'Reads each TRACE as xentrace wrote it (.xz as well), merges the CPUs by',
    'TSC and follows every domain and vCPU through the machines: creation,',
    'first schedule, pauses, shutdown, grant mappings, the phases of the end,',
    'the last reference, RCU. What a record does not say is followed in',
    'every way that the machines allow; lost records open possibilities.',
    '',
    'Says how often real Xen was seen to take each transition, or where it',
    'first does what no possibility allows. Memory does not grow with the',
    'file. docs/xentrace.md says what is checked.',
    '',
    'DUMP is a console log or folder with the dumps of keys q, g and e, as',
    '`xen-lu check` takes it, from a moment while the trace ran: before the',
    'first thing happened to a domain, after the last one, or in between.',
    '',
    'Ends with 1 at a divergence, with 2 when a file is no sound trace.',
  ],
  optionHelp: [
    ['--before DUMP', 'the trace must start from what this dump shows'],
    ['--mid DUMP', 'it must come by what this dump shows'],
    ['--after DUMP', 'it must lead to what this dump shows'],
    ['--all', 'list the transitions that were only possible as well'],
    ['--json', 'one JSON document; an array for several traces'],
  ],
  options: {
    before: { type: 'string', multiple: true },
    mid: { type: 'string', multiple: true },
    after: { type: 'string', multiple: true },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async (values, traces, io) => {
    if (traces.length === 0) return usageError('conform wants at least one trace');
    const dumps = await readDumps(values);
    if (E.isLeft(dumps)) {
      io.err(badInputText(dumps.left));
      return EXIT.badInput;
    }
    if (traces.length > 1 && Object.values(dumps.right).some((of) => of.length > 0)) {
      return usageError('--before, --mid and --after go with one trace');
    }
    const asJson = flag(values, 'json');
    const results: (ConformResult | Unreadable)[] = [];
    const exits: Exit[] = [];
    for (const [i, trace] of traces.entries()) {
      const progress = progressOn(io.terminal, io.clock);
      const done = await conformFile(trace, {
        dumps: dumps.right,
        onProgress: (records) => progress.tell(`${trace}: ${grouped(records)} records`),
      });
      progress.done();
      if (E.isLeft(done)) {
        io.err(unreadableText(done.left));
        exits.push(EXIT.badInput);
        results.push(done.left);
        continue;
      }
      results.push(done.right);
      exits.push(done.right.verdict === 'accepted' ? EXIT.holds : EXIT.violated);
      if (!asJson) io.out(`${i > 0 ? '\n' : ''}${conformText(done.right, flag(values, 'all'))}`);
    }
    if (asJson) io.out(json(traces.length === 1 ? (results[0] ?? null) : results));
    return worst(exits);
  },
};
