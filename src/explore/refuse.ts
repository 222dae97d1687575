/** What in a chart cannot be explored, found before the first step is made. */
import { checkAction } from './instrument.ts';
import { type Refusal, Unexplorable } from './problem.ts';
import type { Action, Machine, StateNode, Transition } from './xstate.ts';

/** Every construct of the chart that needs a clock or another actor. */
export function refusalsOf(machine: Machine): Refusal[] {
  const refusals: Refusal[] = [];
  const check = (action: Action, place: string) => {
    const named = typeof action === 'function' ? action : nameOf(action);
    const resolved = typeof named === 'string' ? machine.implementations.actions[named] : named;
    try {
      checkAction(resolved, place);
    } catch (problem) {
      if (!(problem instanceof Unexplorable)) throw problem;
      refusals.push(problem.refusal);
    }
  };
  for (const node of machine.idMap.values()) {
    const at = `#${node.id}`;
    if (node.invoke.length > 0) {
      refusals.push({ place: `${at} invoke`, reason: 'an invoked actor is no part of a state' });
    }
    if (node.config.after !== undefined) {
      refusals.push({ place: `${at} after`, reason: 'a delayed transition needs a clock' });
      continue;
    }
    for (const [i, action] of node.entry.entries()) check(action, `${at} entry[${i}]`);
    for (const [i, action] of node.exit.entries()) check(action, `${at} exit[${i}]`);
    for (const [transition, place] of transitionsOf(node)) {
      for (const [i, action] of transition.actions.entries()) {
        check(action, `${place} actions[${i}]`);
      }
    }
    if (node.type === 'compound') {
      for (const [i, action] of node.initial.actions.entries()) {
        check(action, `${at} initial.actions[${i}]`);
      }
    }
  }
  return refusals;
}

function nameOf(action: string | { type: string }): string {
  return typeof action === 'string' ? action : action.type;
}

function transitionsOf(node: StateNode): [Transition, string][] {
  const list: [Transition, string][] = [];
  for (const [type, transitions] of node.transitions) {
    for (const [i, t] of transitions.entries()) list.push([t, `#${node.id} on ${type}[${i}]`]);
  }
  for (const [i, t] of (node.always ?? []).entries()) list.push([t, `#${node.id} always[${i}]`]);
  return list;
}
