/**
 * The parts of XState 5.33 that the explorer looks at and that XState's
 * public types hide. Everything is read through these interfaces, so that a
 * new version of XState has one place to be checked against.
 */

/** An event as XState sees it. */
export interface EventObject {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A guard in any of its written forms: name, object with params, function. */
export type Guard = string | { type: string; params?: unknown } | GuardFunction;

/** A guard function; `check` is there for stateIn, and, or, not. */
export interface GuardFunction {
  (args: { context: unknown; event: EventObject }, params: unknown): boolean;
  check?: (snapshot: Snapshot, args: unknown, self: GuardFunction) => boolean;
  guards?: Guard[];
  stateValue?: unknown;
}

/** An action in any of its written forms. */
export type Action = string | { type: string; params?: unknown } | ActionFunction;

/** What the builtin actions of XState resolve to. */
export type Resolved = [Snapshot, unknown, Action[] | undefined];

/** An action function; `resolve` marks XState's own (assign, raise, ...). */
export interface ActionFunction {
  (args: unknown, params: unknown): unknown;
  type?: string;
  resolve?: (
    scope: unknown,
    snapshot: Snapshot,
    args: { context: unknown; event: EventObject },
    params: unknown,
    self: ActionFunction,
    extra: unknown,
  ) => Resolved;
  assignment?: unknown;
  delay?: unknown;
}

/** One transition as XState formats it. */
export interface Transition {
  readonly source: StateNode;
  readonly target: StateNode[] | undefined;
  readonly reenter: boolean;
  readonly eventType: string;
  actions: Action[];
  guard: Guard | undefined;
}

/** A state node of the chart. */
export interface StateNode {
  readonly id: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly order: number;
  readonly path: readonly string[];
  readonly parent: StateNode | undefined;
  readonly states: Readonly<Record<string, StateNode>>;
  readonly history: 'shallow' | 'deep' | false;
  readonly transitions: Map<string, Transition[]>;
  readonly initial: { target: StateNode[]; actions: Action[] };
  readonly invoke: readonly unknown[];
  readonly tags: readonly string[];
  readonly config: { readonly after?: unknown; readonly target?: unknown };
  entry: Action[];
  exit: Action[];
  always: Transition[] | undefined;
  output: unknown;
  next(snapshot: Snapshot, event: EventObject): Transition[] | undefined;
}

/** A snapshot of a machine. */
export interface Snapshot {
  status: string;
  output: unknown;
  error: unknown;
  machine: Machine;
  context: unknown;
  value: unknown;
  tags: Set<string>;
  children: Record<string, unknown>;
  historyValue: Record<string, StateNode[]>;
  _nodes: StateNode[];
  matches(value: unknown): boolean;
}

/** A machine. */
export interface Machine {
  readonly id: string;
  readonly root: StateNode;
  readonly idMap: Map<string, StateNode>;
  readonly events: readonly string[];
  readonly config: { readonly context?: unknown };
  readonly implementations: {
    readonly guards: Record<string, Guard | undefined>;
    readonly actions: Record<string, Action | undefined>;
  };
  provide(implementations: unknown): Machine;
  getStateNodeById(id: string): StateNode;
  getTransitionData(snapshot: Snapshot, event: EventObject): Transition[];
  transition(snapshot: Snapshot, event: EventObject, scope: unknown): Snapshot;
  getInitialSnapshot(scope: unknown, input?: unknown): Snapshot;
  resolveState(config: {
    value: unknown;
    context: unknown;
    historyValue: unknown;
    status: string;
  }): Snapshot;
}

/** True if `value` has the shape of an XState v5 machine. */
export function isMachine(value: unknown): value is Machine {
  if (typeof value !== 'object' || value === null) return false;
  const m = value as Partial<Machine> & { __xstatenode?: unknown };
  return (
    m.__xstatenode === true &&
    m.idMap instanceof Map &&
    typeof m.transition === 'function' &&
    typeof m.provide === 'function'
  );
}

const nothing = (): void => {};

/**
 * The actor scope for pure steps: effects are dropped, as XState's own
 * `transition()` does, and whoever looks at the actor is told so.
 */
export function pureScope(onSelf: (what: string) => never): unknown {
  const refuse = (what: string) =>
    new Proxy(
      {},
      {
        get: (_target, key) => onSelf(`${what}.${String(key)}`),
        has: (_target, key) => onSelf(`${what}.${String(key)}`),
      },
    );
  return {
    self: refuse('self'),
    id: 'explored',
    sessionId: 'x:explored',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: nothing,
    system: { _sendInspectionEvent: nothing, _logger: nothing, get: () => undefined },
  };
}
