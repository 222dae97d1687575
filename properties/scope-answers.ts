/**
 * A scope under every answer to every open question: each design that differs
 * from the default one in a single answer is exhausted by itself, and what it
 * comes to is data. A question that nothing asks anywhere in the scope leaves
 * the states as they are, whatever its answer: those designs need no search.
 */
import { defaultDesign } from '../src/design/design.ts';
import { POLICIES, type Policies, type PolicyId } from '../src/design/policies.ts';
import { type Exploration, Series } from '../src/explore/index.ts';
import { CHOOSE, type Chosen } from '../src/scope/packed-machine.ts';
import { Tables } from '../src/scope/tables.ts';
import type { Invariant } from './invariant.ts';
import { exploring, type Scope } from './scope.ts';

/** The default design but for these answers; named "Q2=refuse", or "default". */
export const designWith = (policies: Partial<Policies>): Chosen => ({
  name:
    Object.entries(policies)
      .map(([question, answer]) => `${question}=${answer}`)
      .join(' ') || 'default',
  design: { ...defaultDesign, policies: { ...defaultDesign.policies, ...policies } },
});

/** A design under which a scope has more states than this goes on for ever. */
const MOST = 500_000;

/** A design that answers one question otherwise. */
export interface OtherAnswer extends Chosen {
  readonly question: PolicyId;
}

/** All of them, in the order of questions and answers. */
export const OTHER_ANSWERS: readonly OtherAnswer[] = (Object.keys(POLICIES) as PolicyId[]).flatMap(
  (question) =>
    Object.keys(POLICIES[question].answers)
      .filter((answer) => answer !== defaultDesign.policies[question])
      .map((answer) => ({ question, ...designWith({ [question]: answer }) })),
);

/** What a scope came to under a design. */
export interface Answered {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** The first property that breaks, on a shortest way; absent: all hold. */
  readonly breaks?: string;
  /** Events on that way. */
  readonly steps?: number;
}

/**
 * A verdict in short.
 *
 * @throws Error of a search that came to none
 */
const answered = (scope: Scope, design: string, result: Exploration): Answered => {
  const { states, transitions, depth } = result;
  if (result.verdict === 'holds') return { states, transitions, depth };
  if (result.verdict !== 'violated')
    throw new Error(`${scope.id} under ${design}: ${JSON.stringify(result)}`);
  const steps = (result.trace?.steps.length ?? 1) - 1;
  return { states, transitions, depth, breaks: result.property.name, steps };
};

/** Searches of one scope, one design after the other, each with all that the earlier ones learned. */
export class Answers {
  readonly scope: Scope;
  readonly #series: Series;
  readonly #events: readonly { readonly type: string; readonly name?: string }[];
  /** Under the default design. */
  readonly byDefault: Answered;
  /**
   * The other answers to what something asks in this scope. All that was read
   * is known, so what nobody asked under the default design cannot matter.
   */
  readonly asked: readonly OtherAnswer[];

  /** Searches the scope under the default design. */
  constructor(scope: Scope, invariants: readonly Invariant[]) {
    this.scope = scope;
    const tables = new Tables();
    const designs = [designWith({}), ...OTHER_ANSWERS];
    const { machine, options } = exploring({ ...scope, designs }, invariants, tables);
    this.#series = new Series(machine, { ...options, maxStates: MOST });
    this.#events = options.events;
    // All designs are met before anything is learned of one: what is learned then tells them apart.
    this.#series.explore(this.#events.filter(({ type }) => type === CHOOSE));
    this.byDefault = this.under(designWith({}));
    const { asked } = tables;
    this.asked = OTHER_ANSWERS.filter(({ question }) => asked.includes(question));
  }

  /** What the scope comes to under this design, the default one or one of `OTHER_ANSWERS`. */
  under(chosen: Chosen): Answered {
    const events = this.#events.filter(({ type, name }) => type !== CHOOSE || name === chosen.name);
    return answered(this.scope, chosen.name, this.#series.explore(events));
  }
}
