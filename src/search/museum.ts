/**
 * The museum: every mutant against the invariants. A real bug is a mutant of
 * its own (`properties/mutants`), a rule of the design gives one by being
 * dropped. Each has a scope that is searched to its end or to the shortest
 * trace at which an invariant breaks; there is no chance in it. Beside that the
 * suite may be let loose on it, with a seed.
 */
import type { Invariant } from '../../properties/invariant.ts';
import {
  type Mutant,
  mutated,
  type RandomKill,
  type UpdateMachine,
} from '../../properties/mutant.ts';
import type { Scenario } from '../../properties/scenario.ts';
import { type Design, defaultDesign, without } from '../design/design.ts';
import { RULES, type RuleId } from '../design/rules.ts';
import type { Trace } from '../trace/trace-file.ts';
import type { WorldEvent } from '../world/world.ts';
import { type Ablation, ablateRule } from './ablate.ts';
import { scopesOfRule } from './general-scopes.ts';
import { COMMAND_LINE, type SearchRequest } from './request.ts';
import { requestOf } from './scenario-search.ts';
import { search } from './search.ts';

/** Nodes that one scope may take. */
const MAX_STATES_OF_A_SCOPE = 3000;

export interface Exhibit {
  readonly id: string;
  readonly kind: 'bug' | 'rule';
  readonly title: string;
  readonly source: string;
  /** What of the real bug is not in the mutant; absent: nothing that matters here. */
  readonly beyond?: string;
  /** Invariants that broke, those that must notice first; empty: it lives. */
  readonly killedBy: readonly string[];
  /** Invariants that must notice and did not. */
  readonly missed: readonly string[];
  /** What offends at the end of the trace, one line each. */
  readonly offenders: readonly string[];
  /** The scope of the trace; null: no trace. */
  readonly scope: string | null;
  /** The shortest trace to a violation in that scope. */
  readonly trace: readonly WorldEvent[];
  /** The same as a file that can be replayed; null: no trace. */
  readonly replay: Trace | null;
  /** Nodes that were searched. */
  readonly states: number;
  /**
   * Seed of the random cases of which one killed it as well; null: none did
   * within the budget, or none was tried.
   */
  readonly seed: number | null;
  /** That case. */
  readonly random: RandomKill | null;
}

/** Id of the mutant that lacks a rule. */
export const mutantOfRule = (rule: RuleId): string => `without ${rule}`;

/** Nothing random was tried. */
const UNTRIED = { seed: null, random: null } as const;

interface Material {
  readonly mutants: readonly Mutant[];
  readonly scenarios: readonly Scenario[];
  readonly invariants: readonly Invariant[];
}

/** What was found as a trace that begins where the search began. */
const traceOf = (request: SearchRequest, events: readonly WorldEvent[], mutant?: string): Trace => {
  const { host, from, to, image, commandLine } = request.start;
  return {
    host,
    from,
    to,
    design: request.design,
    commandLine: commandLine ?? COMMAND_LINE,
    build: { ...host.xen.build, ...image, version: to.id },
    events,
    ...(mutant === undefined ? {} : { mutant }),
  };
};

const union = (...lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];

/** A real bug: each invariant that must notice is searched for by itself. */
export const exhibitBug = (m: Mutant, invariants: readonly Invariant[]): Exhibit => {
  const request: SearchRequest = {
    ...requestOf(m, defaultDesign, invariants),
    machine: mutated(m),
    maxStates: MAX_STATES_OF_A_SCOPE,
  };
  const results = m.kills.map((until) => search({ ...request, until }));
  const noticed = m.kills.filter((id, i) => results[i]?.violates.includes(id));
  const first = results.find((r) => r.verdict === 'violated');
  return {
    id: m.id,
    kind: 'bug',
    title: m.title,
    source: m.source,
    ...(m.beyond === undefined ? {} : { beyond: m.beyond }),
    killedBy: union(noticed, ...results.map((r) => r.violates)),
    missed: m.kills.filter((id) => !noticed.includes(id)),
    offenders: first?.offenders ?? [],
    scope: first === undefined ? null : m.id,
    trace: first?.trace ?? [],
    replay: first === undefined ? null : traceOf(request, first.trace, m.id),
    states: results.reduce((n, r) => n + r.states, 0),
    ...UNTRIED,
  };
};

/** The search in which the loss of a rule showed, as a trace. */
const traceOfRule = (rule: RuleId, found: Ablation, m: Material): Trace | null => {
  const scope = scopesOfRule(m.scenarios, rule)
    .flat()
    .find((s) => s.id === found.scope);
  if (scope === undefined) return null;
  const { drop = [], policy = {} } = found.beside ?? {};
  const design: Design = {
    dropped: [rule, ...(drop as readonly RuleId[])],
    policies: { ...defaultDesign.policies, ...policy },
  };
  return traceOf(requestOf(scope, design, m.invariants), found.trace);
};

/** A dropped rule, as `xen-lu ablate` searches it. */
export const exhibitRule = (rule: RuleId, m: Material): Exhibit => {
  const { text, sources } = RULES.find((r) => r.id === rule) as (typeof RULES)[number];
  const found = ablateRule(rule, m);
  return {
    id: mutantOfRule(rule),
    kind: 'rule',
    title: `The rule is dropped: ${text}`,
    source: sources.join(', '),
    killedBy: found.violates,
    missed: [],
    offenders: found.offenders,
    scope: found.scope,
    trace: found.trace,
    replay: traceOfRule(rule, found, m),
    states: found.searched.states,
    ...UNTRIED,
  };
};

/** Every mutant there is, by id: real bugs in the order of the museum, then rules in theirs. */
export const mutantIds = (mutants: readonly Mutant[]): readonly string[] => [
  ...mutants.map((m) => m.id),
  ...RULES.map((r) => mutantOfRule(r.id)),
];

/** What the suite is let loose on: a design that lacks a rule, or the machine of a bug. */
export interface UnderTest {
  readonly design: Design;
  readonly machine?: UpdateMachine;
}

/** Of one of `mutantIds`. */
export const underTest = (id: string, mutants: readonly Mutant[]): UnderTest => {
  const bug = mutants.find((m) => m.id === id);
  if (bug !== undefined) return { design: defaultDesign, machine: mutated(bug) };
  const dropped = RULES.filter((r) => mutantOfRule(r.id) === id).map((r) => r.id);
  return { design: without(defaultDesign, ...dropped) };
};

/** An exhibit that the suite has met: its seed is there if a case killed it. */
export const withRandom = (e: Exhibit, random: RandomKill | null): Exhibit => ({
  ...e,
  seed: random?.seed ?? null,
  random,
});

/** One of `mutantIds`; null: no such mutant. */
export const exhibit = (id: string, material: Material): Exhibit | null => {
  const bug = material.mutants.find((m) => m.id === id);
  if (bug !== undefined) return exhibitBug(bug, material.invariants);
  const rule = RULES.find((r) => mutantOfRule(r.id) === id);
  return rule === undefined ? null : exhibitRule(rule.id, material);
};
