/** `xen-lu replay`: plays a trace file again, makes it smaller, pins it by a test. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { asTest } from '../../report/as-test.ts';
import { replayText } from '../../report/replay-text.ts';
import { wrap } from '../../report/text.ts';
import { minimise } from '../../search/minimise.ts';
import { replay as play, playerOf } from '../../search/replay.ts';
import type { Replayed } from '../../trace/replayed.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { type Command, EXIT, flag, type Io, json, text, usageError } from '../command.ts';
import { progressOn } from '../progress.ts';
import { readTrace, writeTrace } from '../read-trace.ts';

const bad = (io: Io, what: string) => {
  io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
  return EXIT.badInput;
};

/** The facts of the text, for programs. */
const asJson = (trace: Trace, r: Replayed): string =>
  json({
    from: trace.from.id,
    to: trace.to.id,
    design: trace.design,
    mutant: trace.mutant ?? null,
    found: trace.found ?? null,
    violates: r.violates,
    offenders: r.offenders,
    steps: r.steps,
  });

export const replay: Command = {
  details: [
    'Plays the trace of FILE and asks the invariants at every step. Prints',
    'the steps, what is broken, and the objects that offend, before and',
    'after. With --minimise every event is left out that the violation can do',
    'without. --as-test prints a vitest test that pins the trace.',
  ],
  optionHelp: [
    ['--minimise', 'leave out what is not needed for the same violation'],
    ['--out FILE', 'write the (minimised) trace to a new file'],
    ['--as-test', 'print a test in place of the steps'],
    ['--json', 'the result as JSON'],
  ],
  options: {
    minimise: { type: 'boolean' },
    out: { type: 'string' },
    'as-test': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async (values, [file, ...more], io) => {
    if (file === undefined || more.length > 0) return usageError('replay wants one FILE');
    if (flag(values, 'as-test') && flag(values, 'json'))
      return usageError('replay prints a test or JSON, not both');
    const read = readTrace(file);
    if (isLeft(read)) return bad(io, read.left);
    const player = await playerOf(read.right);
    if (isLeft(player)) return bad(io, `${file}: ${player.left}`);
    const progress = progressOn(io.terminal, io.clock);
    const trace = flag(values, 'minimise')
      ? minimise(read.right, player.right, (n) => progress.tell(`${n} events are left`)).trace
      : read.right;
    const replayed = play(trace, player.right);
    progress.done();
    const out = text(values, 'out');
    const failed = out === undefined ? null : writeTrace(out, trace);
    if (failed !== null) return bad(io, failed);
    if (flag(values, 'as-test')) io.out(asTest(trace, replayed).trimEnd());
    else io.out(flag(values, 'json') ? asJson(trace, replayed) : replayText(trace, replayed));
    return replayed.violates.length === 0 ? EXIT.holds : EXIT.violated;
  },
};
