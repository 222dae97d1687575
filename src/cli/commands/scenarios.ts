/** `xen-lu scenarios`: the surprising interactions, each found by a search. */
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios, type Scenario } from '../../../properties/scenario.ts';
import { designOf, requestOf } from '../../search/scenario-search.ts';
import { search } from '../../search/search.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';
import { lines } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

interface Result {
  readonly id: string;
  readonly title: string;
  /** Not of the facts' list: it follows from them. */
  readonly derived?: true;
  readonly drop?: readonly string[];
  readonly policy?: Scenario['policy'];
  readonly violates: string | null;
  /** As it should be: the violation was found, or the control has none. */
  readonly found: boolean;
  readonly steps: number;
  readonly states: number;
}

const faultText = ({ drop, policy }: Result): string =>
  [
    ...(drop ?? []).map((rule) => `without ${rule}`),
    ...Object.entries(policy ?? {}).map(([q, answer]) => `${q} = ${answer}`),
  ].join(', ') || 'control';

const resultText = (r: Result): string[] => [
  ...lines([`${r.id.padEnd(4)} ${r.title}`], 5),
  ...lines(
    [
      `     ${faultText(r)}: ${r.violates ?? 'nothing'} ${r.violates === null ? 'may break' : 'breaks'}; ` +
        (r.found ? `${r.steps} steps, ${r.states} states` : 'NOT AS IT SHOULD BE'),
    ],
    5,
  ),
];

export const scenarios: Command = {
  details: [
    'Drops the rule of each interaction, or answers its question in its way,',
    'and searches its scope breadth first for the invariant that has to',
    'break. No trace is stored: steps is the length of the shortest one',
    'found. A control is searched to exhaustion and must break nothing.',
  ],
  optionHelp: [['--json', 'the results as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, ids, io) => {
    const all = await loadScenarios();
    const unknown = ids.find((id) => !all.some((s) => s.id === id));
    if (unknown !== undefined) return usageError(`no scenario "${unknown}"`);
    const invariants = await loadInvariants();
    const progress = progressOn(io.terminal, io.clock);
    const results = all
      .filter((s) => ids.length === 0 || ids.includes(s.id))
      .map((s): Result => {
        progress.tell(s.id);
        const request = requestOf(s, designOf(s), invariants);
        const r = search(s.violates === null ? request : { ...request, until: s.violates });
        return {
          id: s.id,
          title: s.title,
          ...(s.derived === true ? { derived: true } : {}),
          ...(s.drop === undefined ? {} : { drop: s.drop }),
          ...(s.policy === undefined ? {} : { policy: s.policy }),
          violates: s.violates,
          found:
            s.violates === null
              ? r.verdict === 'holds' && r.ends.refused === 0
              : r.violates.includes(s.violates),
          steps: r.trace.length,
          states: r.states,
        };
      });
    progress.done();
    io.out(flag(values, 'json') ? json(results) : results.flatMap(resultText).join('\n'));
    return results.every((r) => r.found) ? EXIT.holds : EXIT.violated;
  },
};
