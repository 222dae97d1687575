/** Which scopes are searched for a rule or a question, and the ones that belong to no interaction. */
import type { Scenario } from '../../properties/scenario.ts';
import { SCOPES } from '../../properties/scopes/questions.ts';
import type { Policies, PolicyId } from '../design/policies.ts';
import { RULES, type RuleId } from '../design/rules.ts';
import { mixedHost } from '../host/build/mixed-host.ts';
import type { WorldEvent } from '../world/world.ts';

/** A scope: a scenario without its fault, and how other questions are answered in it. */
export type Scope = Pick<Scenario, 'id' | 'start' | 'events' | 'order' | 'updates' | 'judgedBy'> & {
  readonly given?: Partial<Policies>;
};

const GUESTS: readonly WorldEvent[] = [
  { type: 'ioreq.send', domid: 3, vcpu: 0, server: 0, addr: 0x60, write: true },
  { type: 'evtchn.send', domid: 1, vcpu: 0, port: 1 },
  { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 2 },
];

/** dom0, guests of each type and a zombie: at rest, and with guests that act. */
export const GENERAL: readonly Scope[] = [
  { id: 'mixed', start: () => ({ host: mixedHost() }), events: [], order: 'fair' },
  {
    id: 'mixed, twice',
    start: () => ({ host: mixedHost() }),
    events: [],
    order: 'fair',
    updates: 2,
  },
  { id: 'mixed, active', start: () => ({ host: mixedHost() }), events: GUESTS, order: 'fair' },
];

/**
 * Scopes in the order in which they are tried: where the fault matters most
 * likely, then the general ones, then all others. A search ends with the
 * first group that has a violation.
 */
export type Groups = readonly (readonly Scope[])[];

const grouped = (scenarios: readonly Scenario[], about: (s: Scenario) => boolean): Groups => [
  scenarios.filter(about),
  GENERAL,
  scenarios.filter((s) => !about(s)),
];

/** Does a scenario rest on one of the facts that the rule rests on? */
const sharesFacts = (s: Scenario, rule: RuleId): boolean => {
  const facts = RULES.find((r) => r.id === rule)?.sources ?? [];
  return s.sources.some((fact) => fact === rule || (facts as readonly string[]).includes(fact));
};

/** For a rule: the scenarios that drop it, those that share a fact with it, the general ones, the rest. */
export const scopesOfRule = (scenarios: readonly Scenario[], rule: RuleId): Groups => {
  const drops = scenarios.filter((s) => s.drop?.includes(rule) === true);
  const others = scenarios.filter((s) => !drops.includes(s));
  return [drops, ...grouped(others, (s) => sharesFacts(s, rule))];
};

const own = (question: PolicyId): Scope[] =>
  SCOPES[question].flatMap((scope): Scope[] => {
    if ('scenario' in scope) return [];
    const { what, events = [], order = 'fair', ...rest } = scope;
    return [{ id: `${question}: ${what}`, events, order, ...rest }];
  });

/** For answers: the scopes of their questions and the scenarios about them, the general ones, the rest. */
export const scopesOfAnswers = (
  scenarios: readonly Scenario[],
  answers: Partial<Policies>,
): Groups => {
  const questions = Object.keys(answers) as PolicyId[];
  const about = (s: Scenario): boolean =>
    questions.some(
      (q) =>
        s.policy?.[q] !== undefined ||
        s.sources.includes(q) ||
        SCOPES[q].some((scope) => 'scenario' in scope && scope.scenario === s.id),
    );
  const [first = [], ...more] = grouped(scenarios, about);
  return [[...questions.flatMap(own), ...first], ...more];
};
