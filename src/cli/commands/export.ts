/** `xen-lu export`: a machine in the language of another checker. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { type ExploreOptions, exportPromela } from '../../explore/index.ts';
import { wrap } from '../../report/text.ts';
import { type Command, EXIT, flag, texts, usageError } from '../command.ts';
import { findSubject } from '../explore/find-subject.ts';
import { scopesFor } from '../explore/scopes.ts';

/** A model of more states is for nobody to read or compile. */
const MAX_STATES = 20_000_000;

export const exportCommand: Command = {
  details: [
    'Explores the machine of FILE or SCOPE (as `xen-lu explore` takes them)',
    'and prints it in Promela: one variable a place of the state, one guarded',
    'step a learned case, one assertion a case that breaks an invariant.',
    '',
    'To check it:  spin -a model.pml; gcc -O2 -DSAFETY -DNOREDUCE -o pan \\',
    '              pan.c; ./pan -m1000000 -w24 -E',
  ],
  optionHelp: [
    ['--promela', 'the language; there is no other yet'],
    ['--policy Q=ANSWER', 'answer an open question otherwise; may be repeated'],
    ['--invariant NAME', 'assert this one only; may be given again'],
  ],
  options: {
    promela: { type: 'boolean' },
    invariant: { type: 'string', multiple: true },
    policy: { type: 'string', multiple: true },
  },
  run: async (values, [name, ...more], io) => {
    if (name === undefined || more.length > 0) return usageError('export wants one FILE or SCOPE');
    if (!flag(values, 'promela')) return usageError('export wants --promela');
    const bad = (what: string) => {
      io.err(
        what
          .split('\n')
          .flatMap((line) => wrap(line, 8))
          .join('\n'),
      );
      return EXIT.badInput;
    };
    const scopes = scopesFor(name, texts(values, 'policy'));
    if (isLeft(scopes)) return usageError(scopes.left);
    const found = await findSubject(name, texts(values, 'invariant'), scopes.right);
    if (isLeft(found)) return bad(`xen-lu: ${found.left}`);
    const { machine, options } = found.right;
    const { symmetry: _, ...rest } = options;
    const bounded: ExploreOptions = { ...rest, maxStates: MAX_STATES };
    const model = exportPromela(machine, bounded);
    if (isLeft(model)) return bad(`xen-lu: ${name}: ${model.left}`);
    io.out(model.right.trimEnd());
    return EXIT.holds;
  },
};
