/**
 * The config of a machine as a tree that can be walked without an interpreter
 * of its own: which transition an event selects, and which states it leads
 * to, as XState and SCXML have it. Charts need no more than this: states that
 * are atomic, compound or parallel, and transitions with one target or none.
 */
import type { AnyStateMachine } from 'xstate';

export interface TreeTransition {
  /** Unique in the tree: `rcu.quiet "*" 0`. */
  readonly id: string;
  readonly source: number;
  /** The event's name, `*`, or null: it happens by itself. */
  readonly event: string | null;
  readonly guard: string | null;
  readonly target: number | null;
}

export interface TreeNode {
  /** Place in the tree, in document order. */
  readonly index: number;
  /** `domain.alive.shutdown`. */
  readonly id: string;
  /** -1: the root. */
  readonly parent: number;
  readonly parallel: boolean;
  readonly children: readonly number[];
  readonly initial: number | null;
  readonly says: string | null;
  readonly on: ReadonlyMap<string, readonly TreeTransition[]>;
  readonly always: readonly TreeTransition[];
}

export interface Tree {
  readonly nodes: readonly TreeNode[];
  readonly transitions: readonly TreeTransition[];
}

// As plain data: XState's types of a config depend on every name in it.
interface Config {
  readonly type?: string;
  readonly initial?: string;
  readonly states?: Readonly<Record<string, Config>>;
  readonly on?: Readonly<Record<string, unknown>>;
  readonly always?: unknown;
  readonly meta?: { readonly says?: string };
}
interface Arrow {
  readonly target?: string;
  readonly guard?: string;
}

const listed = (given: unknown): Arrow[] => {
  if (given === undefined) return [];
  const all: unknown[] = Array.isArray(given) ? given : [given];
  return all.map((one) => (typeof one === 'string' ? { target: one } : (one as Arrow)));
};

interface Draft {
  readonly config: Config;
  readonly id: string;
  readonly parent: number;
  readonly children: number[];
}

/** Ids in document order; an id is the path from the machine's own. */
const drafted = (root: Config, name: string): Draft[] => {
  const all: Draft[] = [];
  const add = (config: Config, id: string, parent: number): void => {
    const index = all.push({ config, id, parent, children: [] }) - 1;
    all[parent]?.children.push(index);
    for (const [key, child] of Object.entries(config.states ?? {}))
      add(child, `${id}.${key}`, index);
  };
  add(root, name, -1);
  return all;
};

/** Throws if a target names no state: XState refuses such a machine as well. */
const build = (machine: AnyStateMachine): Tree => {
  const drafts = drafted(machine.config as Config, machine.id);
  const at = new Map(drafts.map((d, i) => [d.id, i]));
  const targetOf = (target: string, source: number): number => {
    const from = drafts[source] as Draft;
    const beside = drafts[from.parent] ?? from;
    const id = target.startsWith('#')
      ? target.slice(1)
      : `${target.startsWith('.') ? from.id : `${beside.id}.`}${target}`;
    const found = at.get(id);
    if (found === undefined) throw new Error(`${from.id}: no state ${target}`);
    return found;
  };
  const transitions: TreeTransition[] = [];
  const arrows = (given: unknown, event: string | null, source: number): TreeTransition[] =>
    listed(given).map(({ target, guard }, n) => {
      const one = {
        id: `${(drafts[source] as Draft).id} ${event ?? 'always'} ${n}`,
        source,
        event,
        guard: guard ?? null,
        target: target === undefined ? null : targetOf(target, source),
      };
      transitions.push(one);
      return one;
    });
  const nodes = drafts.map((d, index): TreeNode => {
    const { config, id, parent, children } = d;
    return {
      index,
      id,
      parent,
      parallel: config.type === 'parallel',
      children,
      initial: config.initial === undefined ? null : targetOf(`.${config.initial}`, index),
      says: config.meta?.says ?? null,
      on: new Map(
        Object.entries(config.on ?? {}).map(([event, given]) => [
          event,
          arrows(given, event, index),
        ]),
      ),
      always: arrows(config.always, null, index),
    };
  });
  return { nodes, transitions };
};

const known = new WeakMap<AnyStateMachine, Tree>();

/** The tree of a machine, made once. */
export const treeOf = (machine: AnyStateMachine): Tree => {
  const tree = known.get(machine) ?? build(machine);
  known.set(machine, tree);
  return tree;
};

/** Active nodes, ascending. */
export type Active = readonly number[];

const nodeAt = (tree: Tree, index: number): TreeNode => tree.nodes[index] as TreeNode;

const isInside = (tree: Tree, index: number, around: number): boolean => {
  for (let n = nodeAt(tree, index).parent; n >= 0; n = nodeAt(tree, n).parent)
    if (n === around) return true;
  return false;
};

/** What a state enters besides itself: its initial child, or all regions that nothing else enters. */
const enterBelow = (tree: Tree, index: number, entered: Set<number>): void => {
  entered.add(index);
  const { parallel, children, initial } = nodeAt(tree, index);
  const next = parallel ? children : initial === null ? [] : [initial];
  for (const child of next) if (!parallel || !entered.has(child)) enterBelow(tree, child, entered);
};

/** Where a machine begins, before anything happens by itself. */
export const initialNodes = (tree: Tree): Active => {
  const entered = new Set<number>();
  enterBelow(tree, 0, entered);
  return [...entered].sort((a, b) => a - b);
};

/** The innermost state that a transition stays in; null: it stays where it is. */
const domainOf = (tree: Tree, t: TreeTransition): number | null => {
  const { target, source } = t;
  if (target === null) return null;
  if (target === source || isInside(tree, target, source)) return source;
  for (let n = nodeAt(tree, target).parent; n >= 0; n = nodeAt(tree, n).parent)
    if (isInside(tree, source, n)) return n;
  return 0;
};

/** Of transitions that would leave the same states, the inner one, or else the first. */
const compatible = (tree: Tree, active: Active, all: readonly TreeTransition[]) => {
  let kept: TreeTransition[] = [];
  const exits = (t: TreeTransition): number[] => {
    const domain = domainOf(tree, t);
    return domain === null ? [] : active.filter((n) => isInside(tree, n, domain));
  };
  for (const t of all) {
    const leaves = new Set(exits(t));
    const against = kept.filter((k) => exits(k).some((n) => leaves.has(n)));
    if (against.some((k) => !isInside(tree, t.source, k.source))) continue;
    kept = [...kept.filter((k) => !against.includes(k)), t];
  }
  return kept;
};

/**
 * The transitions that an event selects (null: those that happen by
 * themselves): for each innermost active state the first of its own that holds, or else of the states around it.
 */
export const selected = (
  tree: Tree,
  active: Active,
  event: string | null,
  holds: (t: TreeTransition) => boolean,
): readonly TreeTransition[] => {
  const found: TreeTransition[] = [];
  // A state around several regions is asked once.
  const asked = new Map<number, TreeTransition | undefined>();
  const firstOf = (index: number): TreeTransition | undefined => {
    if (asked.has(index)) return asked.get(index);
    const { on, always } = nodeAt(tree, index);
    const candidates = event === null ? always : [...(on.get(event) ?? []), ...(on.get('*') ?? [])];
    const first = candidates.find(holds);
    asked.set(index, first);
    return first;
  };
  for (const index of active) {
    if (nodeAt(tree, index).children.length > 0) continue;
    for (let n = index; n >= 0; n = nodeAt(tree, n).parent) {
      const first = firstOf(n);
      if (first === undefined) continue;
      if (!found.includes(first)) found.push(first);
      break;
    }
  }
  return found.length < 2 ? found : compatible(tree, active, found);
};

/** The active nodes after these transitions, which `selected` gave. */
export const taken = (tree: Tree, active: Active, all: readonly TreeTransition[]): Active => {
  const left = new Set<number>();
  const entered = new Set<number>();
  for (const t of all) {
    const domain = domainOf(tree, t);
    if (domain === null || t.target === null) continue;
    for (const n of active) if (isInside(tree, n, domain)) left.add(n);
    enterBelow(tree, t.target, entered);
    for (
      let n = nodeAt(tree, t.target).parent;
      n >= 0 && n !== domain;
      n = nodeAt(tree, n).parent
    ) {
      entered.add(n);
      const { parallel, children } = nodeAt(tree, n);
      if (parallel) for (const c of children) if (!entered.has(c)) enterBelow(tree, c, entered);
    }
    const { parallel, children } = nodeAt(tree, domain);
    if (parallel) for (const c of children) if (!entered.has(c)) enterBelow(tree, c, entered);
  }
  if (left.size === 0 && entered.size === 0) return active;
  return [
    ...active.filter((n) => !left.has(n)),
    ...[...entered].filter((n) => left.has(n) || !active.includes(n)),
  ].sort((a, b) => a - b);
};
