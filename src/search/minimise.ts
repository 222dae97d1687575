/**
 * Makes a trace shorter while the same invariant breaks: first what did not
 * happen is left out, then ever smaller runs of events. What comes out cannot
 * lose any one event any more.
 */
import type { Trace } from '../trace/trace-file.ts';
import type { WorldEvent } from '../world/world.ts';
import { type Player, replay } from './replay.ts';

export interface Minimised {
  readonly trace: Trace;
  /** Replays that it took. */
  readonly tried: number;
  /** Invariants of the given trace; the first of them breaks in the shorter one. */
  readonly violates: readonly string[];
}

const without = (events: readonly WorldEvent[], at: number, n: number): WorldEvent[] => [
  ...events.slice(0, at),
  ...events.slice(at + n),
];

/** A trace that breaks nothing comes back as it is. */
export const minimise = (
  trace: Trace,
  player: Player,
  onProgress: (events: number) => void = () => undefined,
): Minimised => {
  const given = replay(trace, player);
  const [id] = given.violates;
  if (id === undefined) return { trace, tried: 1, violates: [] };
  let tried = 1;
  let events = given.steps.filter((s) => s.happened).map((s) => s.event);
  const breaks = (some: readonly WorldEvent[]): boolean => {
    tried++;
    return replay({ ...trace, events: some }, player).violates.includes(id);
  };
  if (!breaks(events)) events = given.steps.map((s) => s.event);
  for (let size = Math.ceil(events.length / 2); size >= 1; ) {
    const before = events.length;
    for (let at = events.length - size; at >= 0; at -= size) {
      const fewer = without(events, at, size);
      if (fewer.length < events.length && breaks(fewer)) events = fewer;
      onProgress(events.length);
    }
    // Leaving out one may make others superfluous: the last round is repeated until none is.
    size = size > 1 ? Math.floor(size / 2) : events.length < before ? 1 : 0;
  }
  return { trace: { ...trace, events }, tried, violates: given.violates };
};
