/** Updates taken step by step, so that somebody may interfere between two of them. */
import { initialTransition, transition } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import type { Design } from '../../src/design/design.ts';
import type { XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { type Snapshot, updateSteps } from '../../src/trace/schedule.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import type { UpdateMachine } from '../mutant.ts';
import type { Image } from './image.ts';
import { COMMAND_LINE } from './judged.ts';

/** The update of a host before its first step. */
export const begin = (
  host: Host,
  from: XenVersion,
  design: Design,
  machine: UpdateMachine = liveUpdate,
): Snapshot => initialTransition(machine, newUpdate(host, from, design))[0] as Snapshot;

/** One step of the machine that the snapshot is one of. */
export const take = (s: Snapshot, event: WorldEvent): Snapshot =>
  transition(s.machine as UpdateMachine, s, event)[0] as Snapshot;

/** Which of the possible steps comes next. */
export type Chooser = (events: readonly WorldEvent[]) => WorldEvent | undefined;
/** The fair scheduler's: the first. */
export const inOrder: Chooser = ([first]) => first;

/** Steps of one update; more, and it will never end. */
const MAX_STEPS = 10_000;

/**
 * Takes the fair scheduler's steps to the end of the update. After each one
 * `see` may put another snapshot in its place. An update that waits for
 * something that nobody does is timed out.
 */
export const drive = (
  start: Snapshot,
  host: Host,
  image: Image,
  see: (event: WorldEvent, now: Snapshot) => Snapshot,
  choose: Chooser = inOrder,
): Snapshot => {
  const build = { ...host.xen.build, ...image.build, version: image.to.id };
  const timeOut: WorldEvent = { type: 'lu.timeout' };
  let now = start;
  for (let n = 0; n < MAX_STEPS; n++) {
    const steps = updateSteps(now, { build, commandLine: COMMAND_LINE });
    const next = choose(choose === inOrder ? steps : steps.filter((e) => now.can(e)));
    const event = next ?? (now.can(timeOut) ? timeOut : null);
    if (event === null) return now;
    now = see(event, take(now, event));
  }
  throw new Error(`an update of more than ${MAX_STEPS} steps`);
};
