/**
 * Lives of hosts for charts to follow: events in the order in which they
 * happen. Made once, with the update leading, so that every chart can be
 * driven through the same ones.
 */
import fc from 'fast-check';
import { initialTransition, transition } from 'xstate';
import { liveUpdate } from '../../../machines/live-update.ts';
import { rawEvent } from '../../../properties/arbitraries/history/arbitrary.ts';
import { type Design, defaultDesign } from '../../../src/design/design.ts';
import type { XenVersion } from '../../../src/design/versions.ts';
import type { Host } from '../../../src/host/host.ts';
import { hostOf, newUpdate } from '../../../src/liveupdate/update.ts';
import { nextInLife } from '../../../src/trace/life.ts';
import { type Snapshot, topState, updateSteps } from '../../../src/trace/schedule.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { version } from '../../support/updates.ts';

export interface Life {
  readonly name: string;
  readonly host: Host;
  readonly from: XenVersion;
  readonly design: Design;
  readonly events: readonly WorldEvent[];
}

/** A part of a life: given events; random ones, updates among them; an update to its end, or given up. */
export type Chapter =
  | readonly WorldEvent[]
  | { readonly random: number; readonly seed: number }
  | { readonly update: string; readonly settles?: false }
  | { readonly giveUpAfter: number };

/** Steps of an update before it counts as endless. */
const MAX_STEPS = 400;

/** Plays the chapters one after the other, and keeps what happened. */
export const life = (
  name: string,
  host: Host,
  chapters: readonly Chapter[],
  design: Design = defaultDesign,
): Life => {
  const from = version(host.xen.build.version);
  let [s] = initialTransition(liveUpdate, newUpdate(host, from, design)) as [Snapshot, unknown];
  const events: WorldEvent[] = [];
  const happen = (e: WorldEvent): void => {
    const event = { ...e };
    events.push(event);
    s = transition(liveUpdate, s, event)[0] as Snapshot;
  };
  const imageOf = (id: string) => ({
    build: { ...hostOf(s.context.world).xen.build, version: id },
    commandLine: 'console=com1',
  });
  const step = (to: string): boolean => {
    if (topState(s) === 'refused') return false;
    const [event] = updateSteps(s, imageOf(to));
    if (event === undefined) return false;
    happen(event);
    return true;
  };
  const afterwards = (): void => {
    if (topState(s) === 'quiescing') happen({ type: 'lu.timeout' });
    if (topState(s) === 'aborting') happen({ type: 'lu.rollback' });
    if (topState(s) === 'refused') happen({ type: 'kexec.unload' });
    if (topState(s) === 'done') happen({ type: 'lu.settle' });
  };
  for (const chapter of chapters) {
    if ('random' in chapter)
      for (const r of fc.sample(rawEvent, { seed: chapter.seed, numRuns: chapter.random })) {
        const event = nextInLife(s, imageOf(from.id), r);
        if (event !== null) happen(event);
      }
    else if ('update' in chapter) {
      for (let n = 0; n < MAX_STEPS && step(chapter.update); n++);
      if (chapter.settles !== false) afterwards();
    } else if ('giveUpAfter' in chapter) {
      for (let n = 0; n < chapter.giveUpAfter && step(from.id); n++);
      if (s.can({ type: 'lu.cancel' })) happen({ type: 'lu.cancel' });
      afterwards();
    } else for (const e of chapter) happen(e);
  }
  return { name, host, from, design, events };
};
