/**
 * What a scope is: a small host, what each actor on it does one after
 * another, what Xen may do at any time, faults of which any one may strike,
 * and the designs under which all of it is tried. All orders in which this
 * can happen are exhausted by `xen-lu explore NAME`.
 */

import { liveUpdate } from '../machines/live-update.ts';
import { defaultDesign } from '../src/design/design.ts';
import { versionOf } from '../src/design/versions.ts';
import type { ExploreOptions, StateView } from '../src/explore/index.ts';
import { numericKeys } from '../src/host/codec.ts';
import type { Host } from '../src/host/host.ts';
import { newUpdate } from '../src/liveupdate/update.ts';
import { CHOOSE, type Chosen, scopeMachine } from '../src/scope/packed-machine.ts';
import type { Packed } from '../src/scope/packed-world.ts';
import { Tables } from '../src/scope/tables.ts';
import type { WorldEvent } from '../src/world/world.ts';
import { loadFolder } from './folder.ts';
import type { Invariant } from './invariant.ts';
import { ScopeJudge } from './scope-judge.ts';
import { beginText, changesText } from './scope-trace.ts';

export interface Scope {
  readonly id: string;
  /** One line, at most 60 characters. */
  readonly title: string;
  readonly says: string;
  readonly sources: readonly string[];
  readonly host: () => Host;
  /** Version of xen#2; default: xen#1's own. */
  readonly to?: string;
  /** Who does what, one after the other; an actor waits until its next event happens. */
  readonly programs: Readonly<Record<string, readonly WorldEvent[]>>;
  /** What goes on by itself, whenever it can. */
  readonly deferred: readonly WorldEvent[];
  /** Any one of them strikes, once, at any time. */
  readonly faults: readonly WorldEvent[];
  /** Designs that are tried; the default one comes first and must hold. */
  readonly designs: readonly Chosen[];
  /** `fair`: domains are saved, restored and resumed in the order of their ids. */
  readonly order: 'fair' | 'any';
}

/** Only the default design. */
export const DEFAULT_DESIGN: readonly Chosen[] = [{ name: 'default', design: defaultDesign }];

/** A scope as its file exports it: the compiler checks it, nothing is changed. */
export const scope = (s: Scope): Scope => s;

const HERE = new URL('./scopes/exhaustive/', import.meta.url);
const MAX_TITLE = 60;

/** Why a value is no scope, or null. */
const faultOf = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return 'has no default export of a scope';
  const s = value as Partial<Scope>;
  if (typeof s.id !== 'string' || s.id === '') return 'has no id';
  if (typeof s.title !== 'string' || s.title === '' || s.title.length > MAX_TITLE)
    return `needs a title of 1 to ${MAX_TITLE} characters`;
  if (!s.says || !Array.isArray(s.sources) || s.sources.length === 0)
    return 'must say what it says, and name its sources';
  return typeof s.host === 'function' && s.designs?.[0] !== undefined
    ? null
    : 'has no host, or no design';
};

/** All scopes of a folder, sorted by id. Throws as `loadFolder` does. */
export const loadScopes = (folder: URL = HERE): Promise<readonly Scope[]> =>
  loadFolder(folder, 'properties/scopes/exhaustive', faultOf);

const PASSES = ['restore.0a', 'restore.0b', 'restore.0c', 'restore.1', 'restore.2'] as const;

/** The steps of an update of these domains. */
const updateEvents = (host: Host, to: string): WorldEvent[] => {
  const domids = numericKeys(host.xen.domains);
  const each = (type: string): WorldEvent[] =>
    domids.map((domid) => ({ type, domid }) as WorldEvent);
  return [
    {
      type: 'kexec.load',
      build: { ...host.xen.build, version: to },
      commandLine: 'console=com1',
    },
    { type: 'lu.request' },
    ...each('lu.park'),
    { type: 'lu.save.system' },
    ...each('lu.save.domain'),
    { type: 'lu.save.seal' },
    { type: 'lu.rollback' },
    { type: 'lu.jump' },
    { type: 'xen2.boot' },
    { type: 'xen2.map-stream' },
    { type: 'xen2.reserve' },
    ...PASSES.flatMap(each),
    { type: 'restore.system' },
    { type: 'restore.verify' },
    ...each('lu.resume'),
  ];
};

/** An event of a scope: of the update, of an actor, or the choice of a design by its name. */
interface ScopeEvent {
  readonly type: string;
  readonly name?: string;
}

const FAULT = 'fault';

const COMES_TO_AN_END = 'LIVE-1';
const isUnderWay = (state: StateView): boolean => state.matches({ 'live-update': 'quiescing' });
const isOver = (state: StateView): boolean =>
  ['idle', 'loaded', 'refused', 'done', 'crashed'].some((is) =>
    state.matches({ 'live-update': is }),
  );

/** Looks at hosts, not only at steps or at waiting: those are not judged state by state. */
const saysSomething = (i: Invariant): boolean =>
  [i.host, i.saved, i.update, i.refused].some((look) => look !== undefined);

/**
 * A scope as what the explorer takes.
 *
 * @param tables what earlier searches have learned; it is added to
 */
export const exploring = (
  scope: Scope,
  invariants: readonly Invariant[],
  tables: Tables = new Tables(),
): {
  readonly machine: ReturnType<typeof scopeMachine>;
  /** Traces in words: the context of their states is numbers of parts. */
  readonly words: {
    readonly begin: (context: unknown) => string;
    readonly changes: (from: unknown, to: unknown) => readonly string[];
    /** What offends against a property in a state. */
    readonly because: (name: string, value: unknown, context: unknown) => readonly string[];
  };
  readonly options: ExploreOptions & { readonly events: readonly ScopeEvent[] };
} => {
  const host = scope.host();
  const from = versionOf(host.xen.build.version);
  if (from === null) throw new Error(`${scope.id}: no version ${host.xen.build.version}`);
  const machine = scopeMachine(liveUpdate, tables, {
    world: newUpdate(host, from, defaultDesign),
    actors: [...Object.keys(scope.programs), FAULT],
    designs: scope.designs,
    inOrder: scope.order === 'fair' ? ['mayRestore', 'mayResume'] : [],
  });
  const events = [
    ...scope.designs.map(({ name }) => ({ type: CHOOSE, name })),
    ...updateEvents(host, scope.to ?? host.xen.build.version),
    ...scope.faults.map((event) => ({ ...event, actor: FAULT, at: 0 })),
    ...Object.entries(scope.programs).flatMap(([actor, program]) =>
      program.map((event, at) => ({ ...event, actor, at })),
    ),
    ...scope.deferred,
  ];
  const judge = new ScopeJudge(tables);
  const isFault = (type: string): boolean => scope.faults.some((fault) => fault.type === type);
  const always = Object.fromEntries(
    invariants
      .filter(saysSomething)
      .map((i) => [i.id, (state: StateView) => judge.holds(i, state as StateView<Packed>)]),
  );
  return {
    machine,
    words: {
      begin: (context) => beginText(tables.packer, context as Packed),
      changes: (from, to) => changesText(tables.packer, from as Packed, to as Packed),
      because: (name, value, context) => {
        const broken = invariants.find(({ id }) => id === name);
        return broken === undefined
          ? []
          : judge.offenders(broken, value as object, context as Packed);
      },
    },
    options: {
      events,
      always,
      // An update that never happens and never refuses is a defect of the design (R13).
      leadsTo: { [COMES_TO_AN_END]: { from: isUnderWay, to: isOver } },
      // Whoever can go on does, at last; that a fault strikes is nothing to rely on.
      // The model's functions are pure, and its worlds are flat records of primitives here.
      compare: 'some',
      beside: { save: () => tables.atoms.save(), load: (bytes) => tables.atoms.load(bytes) },
      fairness: { weak: [...new Set(events.map((e) => e.type).filter((type) => !isFault(type)))] },
    },
  };
};
