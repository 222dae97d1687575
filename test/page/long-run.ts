/** A run of ten thousand steps: guests go on for long before the update begins. */
import { recordTrace } from '../../src/inspect/recording/record-trace.ts';
import type { Recording } from '../../src/inspect/recording/recording.ts';
import { findSubject } from '../../src/inspect/subjects/find-subject.ts';
import type { WorldEvent } from '../../src/world/world.ts';

const LIFE: readonly WorldEvent[] = [
  { type: 'evtchn.send', domid: 1, vcpu: 0, port: 1 },
  { type: 'time.passes', ns: 1000 },
  { type: 'guest.upcall', domid: 0, vcpu: 0 },
];

export const longRun = async (steps: number): Promise<Recording> => {
  const scope = await findSubject('mixed');
  if (scope._tag === 'Left') throw new Error('no scope "mixed"');
  const { trace, about, machine } = scope.right;
  const before = Array.from(
    { length: steps - trace.events.length },
    (_, i) => LIFE[i % LIFE.length] as WorldEvent,
  );
  const events = [...before, ...trace.events];
  return recordTrace({ trace: { ...trace, events }, about, machine, invariants: [], charts: [] });
};
