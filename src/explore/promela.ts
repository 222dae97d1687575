/**
 * A finite machine as a Promela model for SPIN. What events do was learned as
 * decision trees over slots; each path of a tree becomes one guarded step, and
 * each path to a broken invariant an assertion.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Move } from './engine.ts';
import { Exploring } from './explore.ts';
import type { Branch, Memo } from './memo.ts';
import type { ExploreOptions } from './options.ts';
import type { Search } from './search.ts';

/** More guarded steps than this are no model that SPIN compiles in reason. */
const MAX_STEPS = 20_000;

/** Slot and id in turn: what must hold. */
type Tests = readonly number[];

/** A machine whose states and steps are all known. */
interface Known {
  readonly search: Search;
  readonly moves: readonly Memo<Move>[];
  readonly invariants: readonly { readonly name: string; readonly memo: Memo<boolean> }[];
}

/**
 * The machine as Promela: one process, one variable for each slot, as many
 * states in SPIN (`-DNOREDUCE`) as in `explore`, and an assertion for each
 * invariant in `always`.
 *
 * @returns left with the reason if the machine cannot be explored whole
 */
export function exportPromela(machine: unknown, options: ExploreOptions): Either<string, string> {
  const { always, ...rest } = options;
  const exploring = new Exploring(machine, { ...rest, always: {} }, { whole: true });
  const run = exploring.run();
  let step = run.next();
  while (step.done !== true) step = run.next();
  const result = step.value;
  if (result.verdict === 'refused') {
    return left(result.refusals.map(({ place, reason }) => `${place}: ${reason}`).join('\n'));
  }
  if (result.verdict !== 'holds') return left(`the exploration ends with ${result.verdict}`);
  const known = exploring.know(always ?? {});
  if (known === undefined) return left('a step of the machine cannot be tabulated');
  return write(known);
}

function write({ search, moves, invariants }: Known): Either<string, string> {
  const { engine, first } = search;
  const { slots, control } = engine;
  if ((slots.sizes[control.entered.slot] as number) > 1) {
    return left('the order of entering matters, which is no part of a state');
  }
  const variables = [...search.store.layout.slots].sort((a, b) => a - b);
  const lines: string[] = [];
  for (const slot of variables) {
    const size = slots.sizes[slot] as number;
    const type = size <= 256 ? 'byte' : size <= 32_768 ? 'short' : 'int';
    const name = slots.domains[slot]?.name.replaceAll('*/', '* /') ?? '';
    lines.push(`${type} s${slot} = ${first[slot] ?? 0}; /* ${name}: ${size} values */`);
  }
  const steps: string[] = [];
  for (const [number, memo] of moves.entries()) {
    const event = JSON.stringify(engine.events[number]).replaceAll('*/', '* /');
    for (const [tests, move] of pathsOf(memo.root)) {
      if (move.kind === 'none') continue;
      if (steps.length === MAX_STEPS) return left(`needs more than ${MAX_STEPS} guarded steps`);
      steps.push(`:: d_step { ${condition(tests)} -> ${effect(move.writes)} } /* ${event} */`);
    }
  }
  const asserts: string[] = [];
  for (const { name, memo } of invariants) {
    for (const [tests, holds] of pathsOf(memo.root)) {
      const comment = name.replaceAll('*/', '* /');
      if (!holds) asserts.push(`:: ${condition(tests)} -> assert(false) /* ${comment} */`);
    }
  }
  const body = [...asserts, ...steps];
  // SPIN hides variables that no guard reads; this option, never taken, reads them.
  const unread = variables.filter((slot) => !body.some((line) => line.includes(`s${slot} ==`)));
  if (unread.length > 0)
    body.push(`:: ${unread.map((slot) => `s${slot}`).join(' + ')} < 0 -> skip`);
  if (body.length === 0) body.push(':: false -> skip');
  return right(`${lines.join('\n')}
active proctype Machine() {
end:
  do
${body.map((line) => `  ${line}`).join('\n')}
  od
}
`);
}

function* pathsOf<Out>(root: Branch<Out> | undefined, tests: Tests = []): Generator<[Tests, Out]> {
  if (root === undefined) return;
  if (root.slot < 0) {
    yield [tests, root.out as Out];
    return;
  }
  for (const [id, kid] of root.kids.entries()) yield* pathsOf(kid, [...tests, root.slot, id]);
}

function condition(tests: Tests): string {
  const parts: string[] = [];
  for (let i = 0; i < tests.length; i += 2) parts.push(`s${tests[i]} == ${tests[i + 1]}`);
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

function effect(writes: Int32Array): string {
  const parts: string[] = [];
  for (let i = 0; i < writes.length; i += 2) parts.push(`s${writes[i]} = ${writes[i + 1]}`);
  return parts.length === 0 ? 'skip' : parts.join('; ');
}
