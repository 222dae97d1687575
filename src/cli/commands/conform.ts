/** `xen-lu conform`: does a trace of real Xen do what the machines allow? */
import * as E from 'fp-ts/lib/Either.js';
import { type ConformResult, conformFile } from '../../conform/conform-trace.ts';
import { conformText } from '../../report/conform-text.ts';
import { grouped } from '../../report/text.ts';
import { type Command, EXIT, type Exit, flag, json, usageError, worst } from '../command.ts';
import { progressOn } from '../progress.ts';

export const conform: Command = {
  name: 'conform',
  synopsis: 'xen-lu conform TRACE... [--json]',
  summary: 'does a xentrace file do what the machines allow?',
  details: [
    'Reads each TRACE as xentrace wrote it (.xz as well), merges the CPUs by',
    'TSC and follows every domain and vCPU through the machines: creation,',
    'first schedule, pauses, shutdown, grant mappings, the last reference,',
    'RCU. What a record does not say is followed in every way that the',
    'machines allow; lost records open possibilities.',
    '',
    'Says how often real Xen was seen to take each transition, or where it',
    'first does what no possibility allows. Memory does not grow with the',
    'file. docs/xentrace.md says what is checked.',
    '',
    'Ends with 1 at a divergence, with 2 when a file is no sound trace.',
  ],
  optionHelp: [['--json', 'one JSON document; an array for several traces']],
  options: { json: { type: 'boolean' } },
  run: async (values, traces, io) => {
    if (traces.length === 0) return usageError('conform wants at least one trace');
    const asJson = flag(values, 'json');
    const results: ConformResult[] = [];
    const exits: Exit[] = [];
    for (const [i, trace] of traces.entries()) {
      const progress = progressOn(io.terminal, io.clock);
      const done = await conformFile(trace, {
        onProgress: (records) => progress.tell(`${trace}: ${grouped(records)} records`),
      });
      progress.done();
      if (E.isLeft(done)) {
        io.err(`${trace}\n${done.left.text}`);
        exits.push(EXIT.badInput);
        continue;
      }
      results.push(done.right);
      exits.push(done.right.verdict === 'accepted' ? EXIT.holds : EXIT.violated);
      if (!asJson) io.out(`${i > 0 ? '\n' : ''}${conformText(done.right)}`);
    }
    if (asJson) io.out(json(traces.length === 1 ? (results[0] ?? null) : results));
    return worst(exits);
  },
};
