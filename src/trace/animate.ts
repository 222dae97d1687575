/**
 * A run that is watched: what happens next is chosen by numbers, so that a
 * seed makes a run, and every step says where the update and each domain with
 * its vCPUs stand, as their charts have it.
 */
import { membersOf, membersToCome } from '../../machines/host.ts';
import { nextTeam, startTeam, type Team, teamAgrees } from '../../machines/team.ts';
import { disagreements } from '../../properties/agreement.ts';
import type { Raw } from '../../properties/arbitraries/history/event-of.ts';
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import type { Host } from '../host/host.ts';
import { newUpdate } from '../liveupdate/update.ts';
import { treeOf } from '../world/tree.ts';
import { happens, isHostEvent, type WorldEvent } from '../world/world.ts';
import { nextInLife } from './life.ts';
import { type Image, isOpen, topState, updateSteps } from './schedule.ts';

export interface Animation {
  readonly host: Host;
  readonly from: XenVersion;
  readonly design: Design;
  readonly image: Image;
  /** What may happen besides the update's own steps; null: anything that a host can do. */
  readonly events: readonly WorldEvent[] | null;
  /** Six for each step at most. */
  readonly numbers: readonly Raw[];
  /** The run ends when the update is in this state. */
  readonly until?: string;
}

/** Where a domain stands: the innermost states of its chart and of its vCPUs' charts. */
export interface StandsAt {
  readonly domid: number;
  readonly domain: readonly string[];
  readonly vcpus: readonly (readonly string[])[];
}

export interface AnimatedStep {
  readonly n: number;
  readonly event: WorldEvent;
  /** State of the update after it. */
  readonly update: string;
  readonly domains: readonly StandsAt[];
  /** What the charts and the host do not agree about; empty. */
  readonly disagree: readonly string[];
}

/** Innermost active states of each member of a chart, by the domain that it is of. */
const statesOf = (team: Team, chart: string, domid: number): (readonly string[])[] =>
  team.followers.members.flatMap((member, i) => {
    if (member.chart.name !== chart || member.of['domid'] !== domid) return [];
    const { nodes } = treeOf(member.chart.machine);
    const active = team.followers.active[i] ?? [];
    const inner = active.filter((n) => nodes[n]?.children.length === 0);
    return [inner.map((n) => nodes[n]?.id.slice(chart.length + 1) ?? '')];
  });

/** Every domain that a chart is there for. */
export const standing = (team: Team): StandsAt[] =>
  team.followers.members
    .filter(({ chart }) => chart.name === 'domain')
    .map(({ of }) => of['domid'] ?? 0)
    .map((domid) => ({
      domid,
      domain: statesOf(team, 'domain', domid)[0] ?? [],
      vcpus: statesOf(team, 'vcpu', domid),
    }))
    .sort((a, b) => a.domid - b.domid);

/** What may happen now: the update's own steps first, then what the scope lists. */
const choices = ({ update }: Team, a: Animation, events: readonly WorldEvent[]): WorldEvent[] => [
  ...updateSteps(update, a.image),
  ...events.filter((event) =>
    isHostEvent(event)
      ? isOpen(update) && happens(update.context.world, { ...event })
      : update.can(event),
  ),
];

const choose = (team: Team, a: Animation, raw: Raw): WorldEvent | null => {
  if (a.events === null) return nextInLife(team.update, a.image, raw);
  const all = choices(team, a, a.events);
  return all[raw[0] % Math.max(1, all.length)] ?? null;
};

/** Where nothing leads out of any more, in a scope of listed events. */
const isOver = (team: Team, a: Animation): boolean =>
  topState(team.update) === a.until ||
  (a.events !== null && ['done', 'refused'].includes(topState(team.update))) ||
  ['crashed', 'rebooted'].includes(topState(team.update));

/** The team at the start, and each step as it is taken. */
export const animate = (a: Animation, see: (step: AnimatedStep) => void): Team => {
  const members = [...membersOf(a.host), ...(a.events === null ? membersToCome(a.host) : [])];
  let team = startTeam(members, newUpdate(a.host, a.from, a.design));
  let n = 0;
  for (const raw of a.numbers) {
    if (isOver(team, a)) break;
    const chosen = choose(team, a, raw);
    const event = chosen === null ? null : { ...chosen };
    const next = event === null ? team : nextTeam(team, event);
    if (event === null || next === team) continue;
    team = next;
    see({
      n: ++n,
      event,
      update: topState(team.update),
      domains: standing(team),
      disagree: disagreements(teamAgrees(team)),
    });
  }
  return team;
};
