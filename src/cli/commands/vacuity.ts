/** `xen-lu vacuity`: how often each invariant had something to look at. */
import { loadMutants } from '../../../properties/mutant.ts';
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { grouped, labelled } from '../../report/text.ts';
import { type Met, whatIsMet } from '../../search/vacuity.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';
import { lines } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

const metText = (m: Met): string[] =>
  labelled(
    `${m.id.padEnd(8)}${grouped(m.checked).padStart(11)}${String(m.scopes).padStart(6)}`,
    `${m.title}${m.notices.length === 0 ? '' : `; notices ${m.notices.join(', ')}`}`,
    28,
  );

const summaryText = (all: readonly Met[]): string => {
  const never = all.filter((m) => m.checked === 0).map((m) => m.id);
  return never.length === 0
    ? `${all.length} invariants, each had something to look at.`
    : `${never.join(', ')} had nothing to look at: what they say is empty.`;
};

export const vacuity: Command = {
  details: [
    'Searches the scopes of all scenarios and mutants, and general ones, on',
    'the real machine under the default design. Counts over how many objects',
    'each invariant was evaluated, and in how many scopes; none means that it',
    'says nothing. After the title: the mutants and scenarios that it notices.',
  ],
  optionHelp: [['--json', 'the counts as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, more, io) => {
    if (more.length > 0) return usageError('vacuity takes no arguments');
    const [invariants, scenarios, mutants] = await Promise.all([
      loadInvariants(),
      loadScenarios(),
      loadMutants(),
    ]);
    const progress = progressOn(io.terminal, io.clock);
    const all = whatIsMet({ invariants, scenarios, mutants, onProgress: progress.tell });
    progress.done();
    const text = [
      `id          objects  scopes of ${all[0]?.ofScopes ?? 0}`,
      ...all.flatMap(metText),
      ...lines([summaryText(all)]),
    ];
    io.out(flag(values, 'json') ? json(all) : text.join('\n'));
    return all.every((m) => m.checked > 0) ? EXIT.holds : EXIT.violated;
  },
};
