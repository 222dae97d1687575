/**
 * What a mutant is: a real bug of some live update, put into the model. It
 * changes what a step of the update does to the host, or when a step may
 * happen, and nothing else: the machine is the same, with other actions and
 * guards in the places that the mutant names. So the model knows nothing of
 * mutants, and a mutant is off unless somebody asks for its machine.
 *
 * One file in `mutants/` with one default export is all it takes to add one.
 */
import { liveUpdate } from '../machines/live-update.ts';
import { becomes } from '../src/world/becomes.ts';
import type { World, WorldEvent } from '../src/world/world.ts';
import { loadFolder } from './folder.ts';
import type { Scenario } from './scenario.ts';

/** The machine of an update; a mutant has one of its own. */
export type UpdateMachine = typeof liveUpdate;

/** Actions of the machine that a mutant may do otherwise. */
export const ACTIONS = [
  'check',
  'jump',
  'load',
  'look',
  'mapStream',
  'noteCancel',
  'park',
  'reserve',
  'restore',
  'restoreSystem',
  'rollBack',
  'saveDomain',
  'seal',
  'settle',
  'unload',
  'verify',
] as const;
/** Guards of the machine that a mutant may decide otherwise. */
export const GUARDS = ['isHopeless', 'isQuiescent', 'mayPark'] as const;

type Change = (world: World, event: WorldEvent) => World;
type Decision = (world: World, event: WorldEvent) => boolean;

/** A bug: where it was, and what it does here. Where it begins and what may happen is as for scenarios. */
export interface Mutant
  extends Pick<Scenario, 'id' | 'title' | 'says' | 'start' | 'events' | 'order' | 'updates'> {
  /** Commit or thread, and the place in the museum's list. */
  readonly source: string;
  /** What of the real bug is not in the mutant, and why. */
  readonly beyond?: string;
  /** Invariants that must notice, each by itself. */
  readonly kills: readonly string[];
  readonly actions?: Readonly<Partial<Record<(typeof ACTIONS)[number], Change>>>;
  readonly guards?: Readonly<Partial<Record<(typeof GUARDS)[number], Decision>>>;
}

/** A mutant as its file exports it: the compiler checks it, nothing is changed. */
export const mutant = (m: Mutant): Mutant => m;

/** The machine with the mutant in it. */
export const mutated = ({ actions = {}, guards = {} }: Mutant): UpdateMachine =>
  liveUpdate.provide({
    actions: Object.fromEntries(
      Object.entries(actions).map(([name, change]) => [name, becomes(change)]),
    ),
    guards: Object.fromEntries(
      Object.entries(guards).map(([name, decide]) => [
        name,
        ({ context, event }: { context: { world: World }; event: WorldEvent }) =>
          decide(context.world, event),
      ]),
    ),
  });

/** A random case that a mutant does not survive: `xen-lu campaign --case` wants the three first. */
export interface RandomKill {
  readonly property: string;
  readonly seed: number;
  readonly path: string;
  /** Cases of that property up to it. */
  readonly cases: number;
  readonly killedBy: readonly string[];
}

const HERE = new URL('./mutants/', import.meta.url);
const MAX_TITLE = 60;

/** Why a value is no mutant, or null. */
const faultOf = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return 'has no default export of a mutant';
  const m = value as Partial<Mutant>;
  if (typeof m.id !== 'string' || m.id === '') return 'has no id';
  if (typeof m.title !== 'string' || m.title === '' || m.title.length > MAX_TITLE)
    return `needs a title of 1 to ${MAX_TITLE} characters`;
  if (!m.says || !m.source) return 'must say what it does, and name its source';
  if (!Array.isArray(m.kills) || m.kills.length === 0) return 'names no invariant that notices';
  if (typeof m.start !== 'function' || !Array.isArray(m.events)) return 'has no scope';
  if (Object.keys({ ...m.actions, ...m.guards }).length === 0) return 'changes nothing';
  return null;
};

/** All mutants of a folder, sorted by id. Throws as `loadFolder` does. */
export const loadMutants = (folder: URL = HERE): Promise<readonly Mutant[]> =>
  loadFolder(folder, 'properties/mutants', faultOf);
