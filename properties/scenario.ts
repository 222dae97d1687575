/**
 * What a surprising interaction is (S of the facts): a small host, what may
 * happen to it, the rule or the answer without which it goes wrong, and the
 * invariant that breaks. One file in `scenarios/` with one default export is
 * all it takes to add one. No trace is written down anywhere: it is found by
 * the search of `src/search`, or the scenario is wrong.
 */
import type { Policies } from '../src/design/policies.ts';
import type { RuleId } from '../src/design/rules.ts';
import type { Host } from '../src/host/host.ts';
import type { XenBuild } from '../src/host/system.ts';
import type { WorldEvent } from '../src/world/world.ts';
import { loadFolder } from './folder.ts';

/** Where a scenario begins. Versions by their ids; xen#1's is that of the host's build. */
export interface ScenarioStart {
  readonly host: Host;
  /** Default: xen#1's own. */
  readonly to?: string;
  readonly image?: Partial<XenBuild>;
  readonly commandLine?: string;
  /** Page of bootmem where the image's lowest segment lies (F1.3). */
  readonly lowestSegment?: number;
}

export interface Scenario {
  readonly id: string;
  /** One line, at most 60 characters. */
  readonly title: string;
  /** What happens, and why it is wrong. */
  readonly says: string;
  readonly sources: readonly string[];
  /** No interaction of the facts: it follows from them. */
  readonly derived?: true;
  /** Rules that are dropped, answers that are given otherwise. */
  readonly drop?: readonly RuleId[];
  readonly policy?: Partial<Policies>;
  /** Id of the invariant that breaks; null: a control, in which none may. */
  readonly violates: string | null;
  readonly start: () => ScenarioStart;
  readonly events: readonly WorldEvent[];
  readonly order: 'fair' | 'any';
  /** Only these invariants judge; default: all. */
  readonly judgedBy?: readonly string[];
  /** Updates in a row; default 1. */
  readonly updates?: number;
}

/** A scenario as its file exports it: the compiler checks it, nothing is changed. */
export const scenario = (s: Scenario): Scenario => s;

const HERE = new URL('./scenarios/', import.meta.url);
const MAX_TITLE = 60;

/** Why a value is no scenario, or null. */
const faultOf = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return 'has no default export of a scenario';
  const s = value as Partial<Scenario>;
  if (typeof s.id !== 'string' || s.id === '') return 'has no id';
  if (typeof s.title !== 'string' || s.title === '' || s.title.length > MAX_TITLE)
    return `needs a title of 1 to ${MAX_TITLE} characters`;
  if (!s.says || !Array.isArray(s.sources) || s.sources.length === 0)
    return 'must say what it says, and name its sources';
  if (typeof s.start !== 'function' || !Array.isArray(s.events)) return 'has no scope';
  if (s.violates !== null && s.drop === undefined && s.policy === undefined)
    return 'drops no rule and answers no question otherwise';
  return null;
};

/** All scenarios of a folder, sorted by id. Throws as `loadFolder` does. */
export const loadScenarios = (folder: URL = HERE): Promise<readonly Scenario[]> =>
  loadFolder(folder, 'properties/scenarios', faultOf);
