/** A design: which rules hold and how each open question is answered. A value, asked by the code. */
import { type Policies, SAFEST } from './policies.ts';
import type { RuleId } from './rules.ts';

export interface Design {
  readonly dropped: readonly RuleId[];
  readonly policies: Policies;
}

/** All rules, the safest answers. */
export const defaultDesign: Design = { dropped: [], policies: SAFEST };

/** Does the design keep this rule? */
export const keeps = (design: Design, rule: RuleId): boolean => !design.dropped.includes(rule);

export const without = (design: Design, ...rules: readonly RuleId[]): Design => ({
  ...design,
  dropped: [...design.dropped, ...rules],
});
