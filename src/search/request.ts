/** What a search is asked for, and what it answers. */
import type { Invariant } from '../../properties/invariant.ts';
import type { UpdateMachine } from '../../properties/mutant.ts';
import type { Judgement } from '../../properties/registry.ts';
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import type { Host } from '../host/host.ts';
import type { XenBuild } from '../host/system.ts';
import type { WorldEvent } from '../world/world.ts';

/** Where every path begins: a host that runs Xen `from`, and the image that will be loaded. */
export interface SearchStart {
  readonly host: Host;
  readonly from: XenVersion;
  readonly to: XenVersion;
  /** What xen#2 is besides its version; xen#1's own if absent. */
  readonly image?: Partial<XenBuild>;
  /** Page of bootmem where the image's lowest segment lies (F1.3); default: none before page 1. */
  readonly lowestSegment?: number;
  /** Default: "console=com1". */
  readonly commandLine?: string;
}

export interface SearchRequest {
  readonly start: SearchStart;
  readonly design: Design;
  /** The machine of the update; default: the real one. */
  readonly machine?: UpdateMachine;
  /**
   * What guests, dom0 and bad luck may do, at any moment and any number of
   * times, as long as it changes something.
   */
  readonly events: readonly WorldEvent[];
  /** The update's own steps: only the fair scheduler's next one, or every one that is enabled. */
  readonly order: 'fair' | 'any';
  /** Updates in a row; default 1. The second starts where the first has settled. */
  readonly updates?: number;
  readonly invariants: readonly Invariant[];
  /** The search goes on until this one is broken; absent: until any is. */
  readonly until?: string;
  /** The whole scope is visited, whatever breaks: for what the answers to a question cost. */
  readonly exhaust?: boolean;
  /** Nodes before the search gives up as incomplete; default 20,000. */
  readonly maxStates?: number;
  readonly onProgress?: (states: number) => void;
  /** Is told everything that the invariants say of each node, also that they hold. */
  readonly onJudged?: (said: readonly Judgement[]) => void;
}

export const MAX_STATES = 20_000;
/** xen#2's command line where the start gives none. */
export const COMMAND_LINE = 'console=com1';

export interface SearchResult {
  /** `holds`: the whole scope was exhausted. */
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** Ids of the invariants that are broken at the end of the trace. */
  readonly violates: readonly string[];
  /** What offends, one line each, with the id of the invariant. */
  readonly offenders: readonly string[];
  /** From the start to the first violation: no shorter one exists in the scope. */
  readonly trace: readonly WorldEvent[];
  readonly states: number;
  readonly transitions: number;
  /** Longest path, in events, that had to be followed. */
  readonly depth: number;
  /** How the updates of the scope ended: on xen#2, refused, in a crash of xen#2, or waiting for ever. */
  readonly ends: Ends;
  /** Steps from the request to the save, fewest and most; null: no path came to a save. */
  readonly quiesce: { readonly min: number; readonly max: number } | null;
  /** Reasons of refusals, each once. */
  readonly refusals: readonly string[];
}

export interface Ends {
  readonly done: number;
  readonly refused: number;
  readonly crashed: number;
  /** States of quiescing that nothing leads out of. */
  readonly stuck: number;
  /** Domains that crashes took with them. */
  readonly lost: number;
}
