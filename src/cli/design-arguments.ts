/** Rules, questions and answers as they come on a command line, and traces as they go out. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { POLICIES, type Policies, type PolicyId } from '../design/policies.ts';
import { RULES, type RuleId } from '../design/rules.ts';
import { VERSIONS, versionOf, type XenVersion } from '../design/versions.ts';
import { labelled, wrap } from '../report/text.ts';
import type { WorldEvent } from '../world/world.ts';
import { text, type Values } from './command.ts';

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

/** All of them together, or what is wrong with the first that is none. */
export const policiesOf = (texts: readonly string[]): Either<string, Partial<Policies>> => {
  const policies = texts.map(policyOf);
  const wrong = policies.find((p) => typeof p === 'string');
  return wrong === undefined ? right(Object.assign({}, ...policies)) : left(wrong);
};

const described = (id: string): Either<string, XenVersion> => {
  const version = versionOf(id);
  const known = VERSIONS.map((v) => v.id).join(', ');
  return version === null
    ? left(`no description of Xen ${id}; there are ${known}`)
    : right(version);
};

/** --from and --to as descriptions of versions, where they are given. */
export const versionsOf = (
  values: Values,
): Either<string, { readonly from?: XenVersion; readonly to?: XenVersion }> => {
  const versions: { from?: XenVersion; to?: XenVersion } = {};
  for (const name of ['from', 'to'] as const) {
    const id = text(values, name);
    if (id === undefined) continue;
    const version = described(id);
    if (isLeft(version)) return version;
    versions[name] = version.right;
  }
  return right(versions);
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
