/** Runs of all machines at once, for what they reach; every state is held against its host. */
import { expect } from 'vitest';
import continueOnCpu from '../../../machines/continue-on-cpu.ts';
import destroyDomain from '../../../machines/destroy-domain.ts';
import domain from '../../../machines/domain.ts';
import { membersOf, membersToCome } from '../../../machines/host.ts';
import hypercall from '../../../machines/hypercall.ts';
import { liveUpdate } from '../../../machines/live-update.ts';
import rcu from '../../../machines/rcu.ts';
import tasklet from '../../../machines/tasklet.ts';
import { nextTeam, startTeam, type Team, teamAgrees } from '../../../machines/team.ts';
import vcpu from '../../../machines/vcpu.ts';
import { disagreements } from '../../../properties/agreement.ts';
import type { Raw } from '../../../properties/arbitraries/history/event-of.ts';
import { type Design, defaultDesign } from '../../../src/design/design.ts';
import type { Host } from '../../../src/host/host.ts';
import type { XenBuild } from '../../../src/host/system.ts';
import { hostOf, newUpdate } from '../../../src/liveupdate/update.ts';
import { nextInLife } from '../../../src/trace/life.ts';
import { type Image, topState, updateSteps } from '../../../src/trace/schedule.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { version } from '../../support/updates.ts';

/** The charts that these runs are made for. */
export const COVERED = [domain, vcpu, hypercall, destroyDomain, tasklet, continueOnCpu, rcu];

export interface Start {
  readonly host: Host;
  readonly design?: Design;
  /** What xen#2 is besides xen#1's own build. */
  readonly image?: Partial<XenBuild>;
  /** What else its image has, besides its build. */
  readonly load?: Partial<Omit<Image, 'build'>>;
}

/** Steps of an update before it counts as stuck. */
const MAX_STEPS = 400;

export class Run {
  team: Team;
  readonly #coverage: Coverage;
  readonly #image: Image;

  constructor(coverage: Coverage, { host, design = defaultDesign, image, load }: Start) {
    this.#coverage = coverage;
    const build = { ...host.xen.build, ...image };
    this.#image = { build, commandLine: 'console=com1', ...load };
    const input = newUpdate(host, version(host.xen.build.version), design);
    const members = [...membersOf(host, COVERED), ...membersToCome(host, COVERED)];
    this.team = startTeam(members, input, coverage.observer);
    this.#look('at the start');
  }

  /** The host as it is now. */
  get host(): Host {
    return hostOf(this.team.update.context.world);
  }

  /** xen#1's own build. */
  get build(): XenBuild {
    return this.#image.build;
  }

  #look(what: string): void {
    this.#coverage.sees(this.team.followers);
    expect(disagreements(teamAgrees(this.team)), what).toEqual([]);
  }

  /** Offers an event; true if it happened. */
  offer(event: WorldEvent): boolean {
    const one = { ...event };
    this.#coverage.offered(liveUpdate, this.team.update, one);
    const next = nextTeam(this.team, one, this.#coverage.observer);
    const happened = next !== this.team;
    this.team = next;
    if (happened) this.#look(JSON.stringify(event));
    return happened;
  }

  /** What would an event do here? Only what is asked is kept. */
  glance(event: WorldEvent): this {
    const one = { ...event };
    this.#coverage.offered(liveUpdate, this.team.update, one);
    nextTeam(this.team, one, this.#coverage.observer);
    return this;
  }

  glanceAll(events: readonly WorldEvent[]): this {
    for (const e of events) this.glance(e);
    return this;
  }

  /** Events that must happen, in this order. */
  play(...events: readonly WorldEvent[]): this {
    for (const e of events)
      expect(this.offer(e), `${JSON.stringify(e)} does not happen`).toBe(true);
    return this;
  }

  /** Events of which some may not happen. */
  offerAll(events: readonly WorldEvent[]): this {
    for (const e of events) this.offer(e);
    return this;
  }

  /** The update goes its fair way to its end, or into the given state. */
  update(until = ''): this {
    for (let n = 0; n < MAX_STEPS && topState(this.team.update) !== until; n++) {
      const [next] = updateSteps(this.team.update, this.#image);
      if (next === undefined) break;
      this.play(next);
    }
    return this;
  }

  /** The update's own next step, if it has one. */
  step(): boolean {
    const [next] = updateSteps(this.team.update, this.#image);
    return next !== undefined && this.offer(next);
  }

  /** A random life. */
  live(raws: readonly Raw[]): this {
    for (const raw of raws) {
      const event = nextInLife(this.team.update, this.#image, raw);
      if (event !== null) this.offer(event);
    }
    return this;
  }
}

/** kexec of a kernel that is no Live Update image: nothing survives it. */
export const rebootOf = (run: Run): readonly WorldEvent[] => [
  { type: 'kexec.load_default', build: run.build, commandLine: 'console=com1' },
  { type: 'kexec.exec' },
  { type: 'xen2.boot' },
  { type: 'xen2.map-stream' },
  { type: 'xen2.reserve' },
];
