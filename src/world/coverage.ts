/**
 * What runs of the machines have reached of them: every state, every
 * transition, and for every guard of every transition whether it was ever
 * found true, and ever false. What was not reached is dark: nobody has seen
 * whether it is right.
 */
import { type AnyMachineSnapshot, type AnyStateMachine, getMicrosteps } from 'xstate';
import type { Member } from './compose.ts';
import type { Followers, Observer } from './follow.ts';
import { selected, type Tree, type TreeTransition, treeOf } from './tree.ts';
import type { WorldEvent } from './world.ts';

interface Seen {
  readonly tree: Tree;
  readonly states: Set<number>;
  readonly transitions: Set<string>;
  readonly heldTrue: Set<string>;
  readonly heldFalse: Set<string>;
}

export interface MachineCoverage {
  readonly machine: string;
  readonly states: number;
  readonly transitions: number;
  readonly guards: number;
  /** One line each: `state rcu.quiet`, `transition rcu.quiet * 0`, `guard rcu.quiet * 0 isX: never true`. */
  readonly dark: readonly string[];
}

type Guard = (args: { readonly context: unknown; readonly event: unknown }) => boolean;

/** Gathers over any number of runs. Its `observer` is given to whoever follows charts. */
export class Coverage {
  readonly #seen = new Map<string, Seen>();

  readonly observer: Observer = {
    asked: (chart, t, holds) => this.#asked(chart, t, holds),
    took: ({ chart }, t) => this.#took(chart.name, t),
  };

  constructor(machines: readonly AnyStateMachine[]) {
    for (const machine of machines)
      this.#seen.set(machine.id, {
        tree: treeOf(machine),
        states: new Set(),
        transitions: new Set(),
        heldTrue: new Set(),
        heldFalse: new Set(),
      });
  }

  /** The states that these members are in. */
  sees({ members, active }: Followers): void {
    members.forEach((member: Member, i) => {
      for (const n of active[i] ?? []) this.#seen.get(member.chart.name)?.states.add(n);
    });
  }

  /**
   * An event that the machine which leads is offered in this state, taken or
   * not: that one is XState's, so its microsteps are walked through again.
   */
  offered(leader: AnyStateMachine, before: AnyMachineSnapshot, event: WorldEvent): void {
    const seen = this.#seen.get(leader.id);
    if (seen === undefined) return;
    let { at, context } = this.#look(seen, before);
    const guards = leader.implementations.guards as unknown as Readonly<Record<string, Guard>>;
    const select = (type: string | null) => {
      const chosen = selected(seen.tree, at, type, (t) => {
        if (t.guard === null) return true;
        const holds = guards[t.guard]?.({ context, event }) === true;
        this.#asked(leader.id, t, holds);
        return holds;
      });
      for (const t of chosen) this.#took(leader.id, t);
      return chosen.length > 0;
    };
    if (!select(event.type)) return;
    for (const [snapshot] of getMicrosteps(leader, before as never, event as never)) {
      ({ at, context } = this.#look(seen, snapshot as AnyMachineSnapshot));
      select(null);
    }
  }

  #look(seen: Seen, snapshot: AnyMachineSnapshot) {
    const ids = new Set(snapshot._nodes.map((n) => n.id));
    const at = seen.tree.nodes.filter((n) => ids.has(n.id)).map((n) => n.index);
    for (const n of at) seen.states.add(n);
    return { at, context: snapshot.context as unknown };
  }

  #asked(machine: string, t: TreeTransition, holds: boolean): void {
    const seen = this.#seen.get(machine);
    (holds ? seen?.heldTrue : seen?.heldFalse)?.add(t.id);
  }

  #took(machine: string, t: TreeTransition): void {
    const seen = this.#seen.get(machine);
    seen?.transitions.add(t.id);
    // A state that is left at once is never rested in.
    seen?.states.add(t.source);
  }

  /** What was reached of every machine, and what was not. */
  report(): MachineCoverage[] {
    return [...this.#seen].map(([machine, s]) => {
      const { nodes, transitions } = s.tree;
      const guarded = transitions.filter((t) => t.guard !== null);
      return {
        machine,
        states: nodes.length,
        transitions: transitions.length,
        guards: guarded.length,
        dark: [
          ...nodes.filter((n) => !s.states.has(n.index)).map((n) => `state ${n.id}`),
          ...transitions.filter((t) => !s.transitions.has(t.id)).map((t) => `transition ${t.id}`),
          ...guarded.flatMap((t) => [
            ...(s.heldTrue.has(t.id) ? [] : [`guard ${t.id} ${t.guard}: never true`]),
            ...(s.heldFalse.has(t.id) ? [] : [`guard ${t.id} ${t.guard}: never false`]),
          ]),
        ],
      };
    });
  }
}
