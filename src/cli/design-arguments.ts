/** Rules, questions and answers as they come on a command line, and traces as they go out. */
import { POLICIES, type Policies, type PolicyId } from '../design/policies.ts';
import { RULES, type RuleId } from '../design/rules.ts';
import { labelled, wrap } from '../report/text.ts';
import type { WorldEvent } from '../world/world.ts';

export const isRule = (text: string): text is RuleId => RULES.some((r) => r.id === text);
export const isQuestion = (text: string): text is PolicyId => Object.hasOwn(POLICIES, text);

/** The answers of a question, the default first. */
export const answersOf = (question: PolicyId): readonly string[] =>
  Object.keys(POLICIES[question].answers);

/** "Q4=restart" as a policy, or what is wrong with it. */
export const policyOf = (text: string): Partial<Policies> | string => {
  const [question = '', answer = '', ...more] = text.split('=');
  if (!isQuestion(question) || more.length > 0)
    return `no question "${question}"; there are ${Object.keys(POLICIES).join(', ')}`;
  return Object.hasOwn(POLICIES[question].answers, answer)
    ? { [question]: answer }
    : `${question} has no answer "${answer}"; there are ${answersOf(question).join(', ')}`;
};

const fieldText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? '...' : String(value);

const eventText = ({ type, ...fields }: WorldEvent): string =>
  [type, ...Object.entries(fields).map(([k, v]) => `${k}=${fieldText(v)}`)].join(' ');

/** A trace, one numbered line for each event. */
export const traceText = (trace: readonly WorldEvent[]): string[] =>
  trace.flatMap((event, i) => labelled(`  ${String(i + 1).padStart(3)}`, eventText(event), 8));

export const lines = (all: readonly string[], indent = 4): string[] =>
  all.flatMap((line) => wrap(line, indent));
