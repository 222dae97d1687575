/** What a machine to try the explorer on is. */
import type { AnyStateMachine } from 'xstate';

/** A machine and what is sent to it. */
export interface Example {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly events: readonly { type: string; [key: string]: unknown }[];
  readonly input?: unknown;
}

export const types = (...names: string[]) => names.map((type) => ({ type }));
export const count = (n: number) => ({ n });
export type Ctx = { context: { n: number } };
