/** Ids of the facts in words, for readers who do not have the facts at hand. */
import { POLICIES } from '../policies.ts';
import { RULES } from '../rules.ts';
import { ELSEWHERE, REQUIREMENTS, RESTORE_ORDER } from './requirements.ts';
import { SOURCE_FACTS } from './source-facts.ts';

const policies: Readonly<Record<string, { readonly question: string }>> = POLICIES;

/** "section 11 rules 8 to 18" in words: what each rule that is known says. */
const orderText = (id: string): string | null => {
  const range = /^section 11 rules? (\d+)(?: (?:to|and) (\d+))?$/.exec(id);
  if (range === null) return null;
  const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
  const numbers = id.includes(' and ') ? [first, last] : span(first, last);
  const texts = numbers.flatMap((n) => RESTORE_ORDER[String(n)] ?? []);
  return texts.length === 0 ? null : texts.join(' ');
};

const span = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, Math.min(last - first + 1, 32)) }, (_, i) => first + i);

const ruleText = (id: string): string | null => RULES.find((r) => r.id === id)?.text ?? null;
const questionText = (id: string): string | null =>
  Object.hasOwn(policies, id) ? (policies[id]?.question ?? null) : null;

/** What an id of a requirement, fact, rule or question says; null: it is none of them. */
export const inWords = (id: string): string | null => {
  const found = [ruleText(id), questionText(id), orderText(id)].find((text) => text !== null);
  if (found !== undefined) return found;
  const table = [REQUIREMENTS, SOURCE_FACTS, ELSEWHERE].find((t) => Object.hasOwn(t, id));
  return table?.[id] ?? null;
};
