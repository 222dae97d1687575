/**
 * A private copy of the machine that can be asked for one microstep. XState's
 * own code makes the step; the copy has its eventless transitions set aside
 * (the engine selects them) and its assigns replaced by ones that can be
 * logged instead of run.
 */
import { and } from 'xstate';
import { Unexplorable } from './problem.ts';
import {
  type Action,
  type ActionFunction,
  type EventObject,
  type Guard,
  type GuardFunction,
  type Machine,
  pureScope,
  type Snapshot,
  type StateNode,
  type Transition,
} from './xstate.ts';

/** An assign that a microstep called for. */
export interface AssignCall {
  readonly action: ActionFunction;
  readonly event: EventObject;
  readonly params: unknown;
}

/** What a microstep came to. */
export interface Step {
  readonly next: Snapshot;
  /** Events raised in it, in order, those of completed states among them. */
  readonly raised: readonly EventObject[];
  /** True if XState gave back the very snapshot that it was given. */
  readonly same: boolean;
  readonly assigns: readonly AssignCall[];
}

/** Thrown by a logged run that needs the context after an assign. */
export const needsContext: unique symbol = Symbol('needs the context after an assign');

/** `run` runs the assigns; `log` lists them and leaves the context alone. */
export type Mode = 'run' | 'log';

const refusedActions: ReadonlySet<string> = new Set([
  'xstate.sendTo',
  'xstate.spawnChild',
  'xstate.stopChild',
  'xstate.cancel',
]);

const unread = new Proxy(
  {},
  {
    get: () => {
      throw needsContext;
    },
    has: () => {
      throw needsContext;
    },
    ownKeys: () => {
      throw needsContext;
    },
    getOwnPropertyDescriptor: () => {
      throw needsContext;
    },
  },
);

export class Instrument {
  readonly machine: Machine;
  /** The eventless transitions of the copy's nodes. */
  readonly always = new Map<StateNode, readonly Transition[]>();
  private readonly scope: unknown;
  private readonly wrapped = new Map<ActionFunction, ActionFunction>();
  private mode: Mode = 'run';
  private assigns: AssignCall[] = [];
  private answer: readonly Transition[] | undefined;
  private raised: EventObject[] = [];
  /** Reads every region: for code that may consult any of them. */
  readAllRegions: () => void = () => {};
  /** Reads the regions that decide whether a state value matches. */
  readStateValue: (value: unknown) => void = () => {};

  constructor(machine: Machine) {
    this.scope = pureScope((what) => {
      throw new Unexplorable('an action', `looks at ${what}, which is no part of a state`);
    });
    const { guards, actions } = machine.implementations;
    const copy = machine.provide({
      guards: mapRecord(guards, (guard) => this.guard(guard)),
      actions: mapRecord(actions, (action) => this.action(action)),
    });
    for (const node of copy.idMap.values()) this.dress(node);
    copy.getTransitionData = (_snapshot, event) => {
      const { answer } = this;
      if (answer === undefined) {
        this.raised.push(event);
        return [];
      }
      this.answer = undefined;
      return [...answer];
    };
    this.machine = copy;
  }

  /** One microstep of XState under the given transitions. */
  step(snapshot: Snapshot, event: EventObject, taken: readonly Transition[], mode: Mode): Step {
    this.mode = mode;
    this.assigns = [];
    this.raised = [];
    this.answer = taken;
    try {
      const next = this.machine.transition(snapshot, event, this.scope);
      if (Object.keys(next.children).length > 0) {
        throw new Unexplorable('an action', 'spawns an actor');
      }
      return { next, raised: this.raised, same: next === snapshot, assigns: this.assigns };
    } finally {
      this.mode = 'run';
      this.answer = undefined;
    }
  }

  /** What XState says to a guard of an eventless transition. */
  passes(guard: Guard | undefined, snapshot: Snapshot, event: EventObject): boolean {
    if (guard === undefined) return true;
    const all = and([guard as never]) as unknown as GuardFunction;
    return all.check?.(snapshot, { context: snapshot.context, event }, all) === true;
  }

  private dress(node: StateNode): void {
    node.entry = node.entry.map((action) => this.action(action));
    node.exit = node.exit.map((action) => this.action(action));
    if (node.type === 'compound') {
      node.initial.actions = node.initial.actions.map((action) => this.action(action));
    }
    for (const transition of [...node.transitions.values()].flat())
      this.dressTransition(transition);
    for (const transition of node.always ?? []) this.dressTransition(transition);
    if (node.always !== undefined) this.always.set(node, node.always);
    node.always = undefined;
  }

  private dressTransition(transition: Transition): void {
    transition.actions = transition.actions.map((action) => this.action(action));
    if (transition.guard !== undefined) transition.guard = this.guard(transition.guard);
  }

  private guard(guard: Guard): Guard {
    if (typeof guard !== 'function' || guard.check === undefined) return guard;
    const { check, guards, stateValue } = guard;
    const copy: GuardFunction = () => false;
    if (guards !== undefined) copy.guards = guards.map((part) => this.guard(part));
    copy.stateValue = stateValue;
    copy.check = (snapshot, args, self) => {
      if (stateValue !== undefined) this.readStateValue(stateValue);
      return check(snapshot, args, self);
    };
    return copy;
  }

  private action(action: Action): Action {
    if (typeof action !== 'function' || action.resolve === undefined) return action;
    const known = this.wrapped.get(action);
    if (known !== undefined) return known;
    const copy = this.wrap(action, action.resolve);
    this.wrapped.set(action, copy);
    return copy;
  }

  private wrap(action: ActionFunction, resolve: NonNullable<ActionFunction['resolve']>) {
    if (action.type === 'xstate.assign') return this.wrapAssign(action, resolve);
    const copy: ActionFunction = () => undefined;
    copy.type = action.type ?? '';
    if (action.type !== 'xstate.enqueueActions') {
      copy.resolve = (scope, snapshot, args, params, _self, extra) => {
        checkAction(action, 'an action');
        return resolve(scope, snapshot, args, params, action, extra);
      };
      return copy;
    }
    copy.resolve = (scope, snapshot, args, params, _self, extra) => {
      if (this.mode === 'log') throw needsContext;
      this.readAllRegions();
      const [next, info, actions] = resolve(scope, snapshot, args, params, action, extra);
      for (const one of actions ?? []) checkAction(one, 'enqueueActions');
      return [next, info, actions];
    };
    return copy;
  }

  private wrapAssign(action: ActionFunction, resolve: NonNullable<ActionFunction['resolve']>) {
    const copy: ActionFunction = () => undefined;
    copy.type = 'xstate.assign';
    copy.resolve = (scope, snapshot, args, params, _self, extra) => {
      if (this.mode === 'run') return resolve(scope, snapshot, args, params, action, extra);
      this.assigns.push({ action, event: args.event, params });
      return [{ ...snapshot, context: unread }, undefined, undefined];
    };
    return copy;
  }
}

/** Refuses the actions that reach outside of the machine. */
export function checkAction(action: Action | undefined, place: string): void {
  if (typeof action !== 'function' || action.resolve === undefined) return;
  const type = action.type ?? '';
  if (refusedActions.has(type)) {
    throw new Unexplorable(place, `${type.slice(7)} reaches another actor`);
  }
  if (type === 'xstate.raise' && action.delay !== undefined) {
    throw new Unexplorable(place, 'a delayed raise needs a clock');
  }
}

function mapRecord<T>(
  record: Readonly<Record<string, T | undefined>>,
  map: (value: T) => T,
): Record<string, T> {
  const mapped: Record<string, T> = {};
  for (const [key, value] of Object.entries(record)) {
    if (value !== undefined) mapped[key] = map(value);
  }
  return mapped;
}
