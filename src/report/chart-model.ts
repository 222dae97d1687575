/**
 * A machine as data to be drawn or listed: its states in document order and
 * its transitions, with names instead of functions. Works for any XState v5
 * machine; nothing here knows of Xen.
 */
import type { AnyStateMachine, StateNode } from 'xstate';

export interface ChartState {
  /** Unique in the machine: "live-update.saving.system". */
  readonly id: string;
  readonly key: string;
  /** Null for the machine itself. */
  readonly parent: string | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** The child that is entered first; null without one. */
  readonly initial: string | null;
  readonly description: string;
  /** Ids of the facts that it rests on. */
  readonly facts: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

export interface ChartTransition {
  readonly source: string;
  /** Null: nothing is left or entered. */
  readonly target: string | null;
  /** "" happens by itself, "*" for events that nothing else takes. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  readonly description: string;
  readonly facts: readonly string[];
  /** After it there is no way back. */
  readonly pointOfNoReturn: boolean;
}

export interface ChartModel {
  readonly id: string;
  readonly description: string;
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

interface Named {
  readonly type?: string;
  readonly name?: string;
  readonly guards?: readonly unknown[];
}

/** The name of a guard or an action, which may be text, `{ type }`, a combination, or a function. */
const nameOf = (what: unknown): string => {
  if (typeof what === 'string') return what;
  const { type, name, guards } = what as Named;
  if (guards !== undefined) return `${name ?? 'guard'}(${guards.map(nameOf).join(', ')})`;
  return type ?? (name || 'unnamed');
};

interface Meta {
  readonly facts?: readonly string[];
  readonly pointOfNoReturn?: boolean;
}

type Node = StateNode<never, never>;
type Definition = {
  readonly eventType: string;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly target: readonly Node[] | undefined;
  readonly description?: string | undefined;
  readonly meta?: unknown;
};

const metaOf = (meta: unknown): Meta => (meta ?? {}) as Meta;

const stateOf = (node: Node): ChartState => ({
  id: node.id,
  key: node.key,
  parent: node.parent?.id ?? null,
  type: node.type,
  initial: node.type === 'compound' ? (node.initial.target[0]?.id ?? null) : null,
  description: node.description ?? '',
  facts: metaOf(node.meta).facts ?? [],
  entry: node.entry.map(nameOf),
  exit: node.exit.map(nameOf),
});

const transitionsOf = (node: Node): ChartTransition[] => {
  const given: Definition[] = [...node.transitions.values()].flat();
  return [...given, ...(node.always ?? [])].flatMap((d: Definition) => {
    const meta = metaOf(d.meta);
    const one = {
      source: node.id,
      event: d.eventType,
      guard: d.guard === undefined ? null : nameOf(d.guard),
      actions: d.actions.map(nameOf),
      description: d.description ?? '',
      facts: meta.facts ?? [],
      pointOfNoReturn: meta.pointOfNoReturn === true,
    };
    // Several targets are the regions of a parallel state, entered at once.
    const targets = d.target === undefined || d.target.length === 0 ? [null] : d.target;
    return targets.map((to) => ({ ...one, target: to?.id ?? null }));
  });
};

const allNodes = (node: Node): Node[] => [
  node,
  ...Object.values<Node>(node.states).flatMap((child) => allNodes(child)),
];

/** Reads a machine; its order is that of the definition. */
export const chartModel = (machine: AnyStateMachine): ChartModel => {
  const nodes = allNodes(machine.root as unknown as Node).sort((a, b) => a.order - b.order);
  return {
    id: machine.id,
    description: machine.root.description ?? '',
    states: nodes.map(stateOf),
    transitions: nodes.flatMap(transitionsOf),
  };
};

/** What is written on an arrow: "lu.park [mayPark] / park, look". */
export const transitionText = (t: ChartTransition): string =>
  [
    t.event === '' ? '' : t.event === '*' ? 'any other event' : t.event,
    t.guard === null ? '' : `[${t.guard}]`,
    t.actions.length === 0 ? '' : `/ ${t.actions.join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
