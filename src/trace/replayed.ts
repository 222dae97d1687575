/** What a trace does when it is played again. */
import type { Host } from '../host/host.ts';
import type { WorldEvent } from '../world/world.ts';

export interface ReplayedStep {
  /** From 1. */
  readonly n: number;
  readonly event: WorldEvent;
  /** The state of the machine that it led to: "quiescing", "saving.domains". */
  readonly state: string;
  /** False: it was not possible here, and nothing happened. */
  readonly happened: boolean;
}

/** The trace up to its end, or to the first step at which an invariant breaks. */
export interface Replayed {
  /** Ids of the invariants that are broken at the last step; empty: none. */
  readonly violates: readonly string[];
  /** What offends, one line each, with the id of the invariant. */
  readonly offenders: readonly string[];
  readonly steps: readonly ReplayedStep[];
  /** What the update is judged against: the host before it, as guests have changed it since. */
  readonly before: Host;
  /** At the save; null: none was begun. */
  readonly saved: Host | null;
  readonly after: Host;
}
