/** `xen-lu ablate`: what breaks first when a rule is dropped. */
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { RULES } from '../../design/rules.ts';
import { type Ablation, ablatePolicy, ablateRule } from '../../search/ablate.ts';
import { type Command, EXIT, flag, json, texts, usageError } from '../command.ts';
import { isRule, lines, policyOf, traceText } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

type Result = Ablation & { readonly rule?: string; readonly policy?: string };

/** A rule that guards against other faults shows its loss only beside one of them. */
const besideText = ({ beside }: Result): string => {
  if (beside === undefined) return '';
  const faults = [
    ...beside.drop.map((rule) => `without ${rule}`),
    ...Object.entries(beside.policy).map(([q, answer]) => `with ${q} = ${answer}`),
  ];
  return `; ${faults.join(' and ')} as well, alone nothing breaks`;
};

const verdictText = (r: Result): string => {
  const { scopes, states, refused, incomplete } = r.searched;
  if (r.verdict === 'violated')
    return `breaks ${r.violates.join(', ')}, in scope "${r.scope}"${besideText(r)}`;
  const limit = incomplete.length === 0 ? '' : `; not exhausted: ${incomplete.join(', ')}`;
  return `nothing breaks in ${scopes} scopes, ${states} states, ${refused} refusals${limit}`;
};

const resultText = (r: Result): string[] => [
  ...lines([`${r.rule ?? r.policy}: ${verdictText(r)}`]),
  ...lines(
    r.offenders.slice(0, 3).map((o) => `    ${o}`),
    6,
  ),
  ...traceText(r.trace),
];

export const ablate: Command = {
  details: [
    'Drops each rule in turn (all, if none is named), or answers a question',
    'otherwise, and searches: first the scopes of the scenarios about it, then',
    'hosts with something of everything, then all other scopes. The first',
    'group in which something breaks ends the search; printed is the shortest',
    'trace found. A rule that only guards against another fault is dropped',
    'beside that fault. A rule whose loss breaks nothing is reported as such.',
  ],
  optionHelp: [
    ['--policy Q=ANSWER', 'answer an open question otherwise; may be repeated'],
    ['--json', 'the results as JSON'],
  ],
  options: { policy: { type: 'string', multiple: true }, json: { type: 'boolean' } },
  run: async (values, rules, io) => {
    const unknown = rules.find((rule) => !isRule(rule));
    if (unknown !== undefined)
      return usageError(`no rule "${unknown}"; there are ${RULES.map((r) => r.id).join(', ')}`);
    const asked = texts(values, 'policy');
    const policies = asked.map(policyOf);
    const wrong = policies.find((p) => typeof p === 'string');
    if (typeof wrong === 'string') return usageError(wrong);
    const progress = progressOn(io.terminal, io.clock);
    const [scenarios, invariants] = [await loadScenarios(), await loadInvariants()];
    const material = (what: string) => ({
      scenarios,
      invariants,
      onProgress: (scope: string) => progress.tell(`${what}: ${scope}`),
    });
    const all = rules.length === 0 && asked.length === 0 ? RULES.map((r) => r.id) : rules;
    const results: Result[] = all
      .filter(isRule)
      .map((rule) => ({ rule, ...ablateRule(rule, material(rule)) }));
    policies.forEach((p, i) => {
      const policy = asked[i] ?? '';
      if (typeof p !== 'string') results.push({ policy, ...ablatePolicy(p, material(policy)) });
    });
    progress.done();
    io.out(flag(values, 'json') ? json(results) : results.flatMap(resultText).join('\n'));
    return results.some((r) => r.verdict === 'violated') ? EXIT.violated : EXIT.holds;
  },
};
