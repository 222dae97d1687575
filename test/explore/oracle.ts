/**
 * The plainest traversal there is: XState's own `machine.transition` on real
 * snapshots, states told apart by a text of value, context, history, status
 * and output. Slow, and shares no code with the explorer.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { createActor } from 'xstate';

function text(value: unknown): string {
  if (value instanceof Set) return `Set(${[...value].map(text).sort().join()})`;
  if (value instanceof Map) {
    return `Map(${[...value]
      .map(([k, v]) => `${text(k)}=>${text(v)}`)
      .sort()
      .join()})`;
  }
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}${String(value)}`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([k, v]) => `${k}:${text(v)}`).join()}}`;
  }
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function keyOf(snapshot: AnyMachineSnapshot): string {
  const history: Record<string, string[]> = {};
  for (const [id, nodes] of Object.entries(snapshot.historyValue)) {
    history[id] = (nodes as { id: string }[]).map((node) => node.id).sort();
  }
  return text([snapshot.value, snapshot.context, history, snapshot.status, snapshot.output]);
}

/** Counts of a traversal. */
export interface Counts {
  readonly states: number;
  readonly taken: number;
  readonly moved: number;
  readonly depth: number;
}

/** Traverses all states of a machine under the given events. */
export function traverse(
  machine: AnyStateMachine,
  events: readonly { type: string }[],
  input?: unknown,
): Counts {
  const actor = createActor(machine, { input } as never);
  const scope = (actor as unknown as { _actorScope: object })._actorScope;
  const quiet = { ...scope, actionExecutor: () => {}, defer: () => {} } as never;
  const first = machine.getInitialSnapshot(quiet, input as never) as AnyMachineSnapshot;
  if (first.status === 'error') throw first.error;
  const seen = new Set([keyOf(first)]);
  let level: AnyMachineSnapshot[] = [first];
  let taken = 0;
  let moved = 0;
  let depth = 0;
  for (;;) {
    const found: AnyMachineSnapshot[] = [];
    for (const snapshot of level) {
      const key = keyOf(snapshot);
      for (const event of events) {
        const next = machine.transition(snapshot, event as never, quiet) as AnyMachineSnapshot;
        if (next !== snapshot || snapshot.can(event as never)) taken++;
        const nextKey = keyOf(next);
        if (nextKey !== key) moved++;
        if (seen.has(nextKey)) continue;
        seen.add(nextKey);
        found.push(next);
      }
    }
    if (found.length === 0) return { states: seen.size, taken, moved, depth };
    level = found;
    depth++;
  }
}
