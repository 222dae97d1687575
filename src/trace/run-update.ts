/**
 * Runs the Live Update machine over a host to its end. The scheduler is fair
 * and deterministic: whatever can be parked is, in order of the domids, and
 * whatever stands in the way gets to move; so the same host always gives the
 * same steps. Every other order is for the sampler and the explorer.
 */
import * as E from 'fp-ts/lib/Either.js';
import { membersOf } from '../../machines/host.ts';
import type { liveUpdate } from '../../machines/live-update.ts';
import { nextTeam, startTeam, teamAgrees } from '../../machines/team.ts';
import type { Phase } from '../../properties/invariant.ts';
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import { numericKeys } from '../host/codec.ts';
import type { Host } from '../host/host.ts';
import type { XenBuild } from '../host/system.ts';
import {
  hostOf,
  mayPark,
  mayRestore,
  mayResume,
  maySave,
  newUpdate,
  type Update,
} from '../liveupdate/update.ts';
import type { Agreement } from '../world/agree.ts';
import { outcome, type WorldEvent } from '../world/world.ts';
import { type Snapshot, topState } from './schedule.ts';

export interface UpdateRequest {
  readonly host: Host;
  readonly from: XenVersion;
  readonly build: XenBuild;
  readonly commandLine: string;
  readonly design: Design;
  /** Another machine in the place of the update's: then no chart follows, they are drawn of the model. */
  readonly machine?: typeof liveUpdate;
}

/** A step as it is shown: what happened, and the host that it led to. */
export interface RunStep {
  readonly event: WorldEvent;
  readonly host: Host;
  /** Where the update stood when it happened, and where it stands after it. */
  readonly during: Phase;
  readonly phase: Phase;
  /**
   * What the charts of domains, vCPUs, ports, ... say of the host, and whether
   * it says the same: worked out when asked for, as that looks at all of them.
   */
  readonly agreement: () => Agreement;
}

export type Outcome =
  | { readonly kind: 'resumed'; readonly update: Update; readonly saved: Host }
  | { readonly kind: 'refused'; readonly update: Update; readonly reasons: readonly string[] }
  | {
      readonly kind: 'crashed';
      readonly update: Update;
      readonly saved: Host;
      readonly what: string;
    };

/** Progress events without an end before the run gives up with a time-out. */
const MAX_STEPS = 100_000;

const PHASE_OF: Readonly<Record<string, Phase>> = {
  idle: 'idle',
  loaded: 'idle',
  checking: 'idle',
  refused: 'idle',
  quiescing: 'quiescing',
  aborting: 'quiescing',
  saving: 'saving',
  sealing: 'saving',
  sealed: 'saving',
  booting: 'jumped',
  mapping: 'jumped',
  reserving: 'jumped',
  restoring: 'restoring',
  verifying: 'restoring',
  resuming: 'verified',
  done: 'resumed',
  crashed: 'restoring',
  rebooted: 'idle',
};

export const phaseOf = (s: Snapshot): Phase => PHASE_OF[topState(s)] ?? 'idle';

const first = <T>(list: readonly T[], ok: (t: T) => boolean): T | null => list.find(ok) ?? null;

const PASSES = ['restore.0a', 'restore.0b', 'restore.0c', 'restore.1', 'restore.2'] as const;

/**
 * What takes the first obstacle away that can move: an emulator answers, a
 * tasklet runs, a teardown goes on. If that fails, the update does.
 */
const nextProgress = (u: Update): WorldEvent => {
  const moving = u.obstacles.find((o) => o.progress !== null)?.progress;
  if (moving == null) return { type: 'lu.timeout' };
  const event = { ...moving };
  const done = outcome(u, event);
  if (E.isRight(done)) return event;
  const why = done.left === 'not enabled' ? 'not possible now' : done.left.what;
  return { type: 'lu.fail', what: `${moving.type}: ${why}` };
};

/** The next thing that happens in a fair run, or null at the end. */
const nextEvent = (s: Snapshot, request: UpdateRequest): WorldEvent | null => {
  const u = s.context.world;
  const domids = numericKeys(hostOf(u).xen.domains);
  switch (topState(s)) {
    case 'idle':
      return { type: 'kexec.load', build: request.build, commandLine: request.commandLine };
    case 'loaded':
      return { type: 'lu.request' };
    case 'quiescing': {
      const parkable = first(domids, (id) => mayPark(u, id));
      if (parkable !== null) return { type: 'lu.park', domid: parkable };
      return nextProgress(u);
    }
    case 'saving': {
      if (s.matches({ saving: 'system' })) return { type: 'lu.save.system' };
      const next = first(domids, (id) => maySave(u, id));
      return next === null ? { type: 'lu.save.seal' } : { type: 'lu.save.domain', domid: next };
    }
    case 'sealed':
      return { type: 'lu.jump' };
    case 'aborting':
      return { type: 'lu.rollback' };
    case 'booting':
      return { type: 'xen2.boot' };
    case 'mapping':
      return { type: 'xen2.map-stream' };
    case 'reserving':
      return { type: 'xen2.reserve' };
    case 'restoring': {
      const known = numericKeys(u.restoring?.stream?.domains ?? {});
      for (const type of PASSES)
        for (const domid of known) if (mayRestore(u, { type, domid })) return { type, domid };
      return { type: 'restore.system' };
    }
    case 'verifying':
      return { type: 'restore.verify' };
    case 'resuming': {
      const next = first(domids, (id) => mayResume(u, id));
      return next === null ? null : { type: 'lu.resume', domid: next };
    }
    default:
      return null;
  }
};

/**
 * The whole update. `see` is called with every step as it happens; hosts are
 * not kept, so a large host needs memory for a few copies only.
 */
export const runUpdate = (request: UpdateRequest, see: (step: RunStep) => void): Outcome => {
  const input = newUpdate(request.host, request.from, request.design);
  const { machine } = request;
  let team = startTeam(machine === undefined ? membersOf(request.host) : [], input, {}, machine);
  let s = team.update;
  let saved = request.host;
  for (let n = 0; n < MAX_STEPS; n++) {
    const event = nextEvent(s, request);
    if (event === null) break;
    const before = topState(s);
    const during = phaseOf(s);
    const timedOut: WorldEvent = { type: 'lu.timeout' };
    const chosen = n === MAX_STEPS - 2 && s.can(timedOut) ? timedOut : event;
    team = nextTeam(team, chosen, {}, machine);
    s = team.update;
    const stands = team;
    const host = hostOf(s.context.world);
    if (before === 'quiescing' && topState(s) === 'saving') saved = host;
    const agreement = () => teamAgrees(stands);
    see({ event: chosen, host, during, phase: phaseOf(s), agreement });
  }
  const update = s.context.world;
  if (update.crash !== null) return { kind: 'crashed', update, saved, what: update.crash.what };
  return topState(s) === 'done'
    ? { kind: 'resumed', update, saved }
    : { kind: 'refused', update, reasons: update.refusals };
};
