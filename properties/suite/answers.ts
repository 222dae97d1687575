/**
 * Other answers to the open questions than the default ones, as part of a
 * case: what a design must keep it must keep under each answer that holds.
 * Which do is what the search has found (`docs/questions/`); `suite.test.ts`
 * compares this list with those pages.
 */
import fc from 'fast-check';
import type { Design } from '../../src/design/design.ts';
import { type Answer, POLICIES, type PolicyId, SAFEST } from '../../src/design/policies.ts';

/** Questions with more than one answer that holds; the default comes first. */
export const HOLDING = {
  Q2: ['drain', 'refuse'],
  Q3: ['finish', 'shell', 'exact'],
  Q4: ['finish', 'exact'],
  Q5: ['finish', 'exact'],
  Q6: ['rederive', 'finish', 'carry'],
  Q8: ['early', 'crash', 'tolerate'],
  Q9: ['early', 'trust'],
  Q11: ['per-image', 'fixed'],
  Q12: ['single', 'multi'],
  Q13: ['late', 'refused'],
  Q14: ['defer', 'order', 'drop'],
  Q15: ['separate', 'partition'],
} as const satisfies { readonly [P in PolicyId]?: readonly Answer<P>[] };

/** Answers by question; an absent one is the design's own. */
export type Answers = { readonly [P in keyof typeof HOLDING]?: (typeof HOLDING)[P][number] };

const questions = Object.keys(HOLDING) as (keyof typeof HOLDING)[];

/** Other answers to these refuse updates, and what is refused shows little: one in eight. */
const REFUSING: readonly PolicyId[] = ['Q2', 'Q11', 'Q13'];

/** Only with these the stream has the records of what is carried on with: twice as often. */
const CARRYING: readonly string[] = ['Q3 exact', 'Q4 exact', 'Q5 exact', 'Q6 carry'];

const answerTo = (q: keyof typeof HOLDING): fc.Arbitrary<string> => {
  const [usual, ...others] = HOLDING[q];
  const often = REFUSING.includes(q) ? new Array<string>(6).fill(usual) : [];
  const carrying = others.filter((answer) => CARRYING.includes(`${q} ${answer}`));
  return fc.constantFrom<string>(usual, ...often, ...others, ...carrying);
};

/** No other answer in half of the cases; in the rest each question has any. Shrinks to none. */
export const answersArbitrary: fc.Arbitrary<Answers> = fc.oneof(
  fc.constant<Answers>({}),
  fc.tuple(...questions.map(answerTo)).map((drawn): Answers => {
    const others = questions.map((q, i) => [q, drawn[i]] as const);
    return Object.fromEntries(others.filter(([q, answer]) => answer !== SAFEST[q]));
  }),
);

/**
 * A design with these answers. A question that it answers otherwise than by
 * default is what somebody wants to know something about: it stays.
 */
export const answering = (design: Design, answers: Answers): Design => ({
  ...design,
  policies: Object.fromEntries(
    Object.entries(design.policies).map(([q, own]) => [
      q,
      own === SAFEST[q as PolicyId] ? (answers[q as keyof Answers] ?? own) : own,
    ]),
  ) as unknown as Design['policies'],
});

/** "Q3 exact: what is left of it is carried, ...": a line for each, at most 75 columns. */
export const describeAnswers = (answers: Answers): readonly string[] =>
  Object.entries(answers).map(([q, answer]) => {
    const says = (POLICIES[q as PolicyId].answers as Readonly<Record<string, string>>)[answer];
    const line = `${q} ${answer}: ${says}`;
    return line.length > 75 ? `${line.slice(0, 72)}...` : line;
  });

/** Names for what was met: each answer that was drawn. */
export const answersMet = (answers: Answers): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(answers).map(([q, answer]) => [`answer ${q} ${answer}`, 1]));
