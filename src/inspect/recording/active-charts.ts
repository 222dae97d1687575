/**
 * Which states the charts are in: the update's own, which leads, and one
 * chart for each domain, vCPU, port ... of the host, over the same world.
 */
import { membersOf, membersToCome } from '../../../machines/host.ts';
import type { Snapshot } from '../../trace/schedule.ts';
import { type Member, memberName } from '../../world/compose.ts';
import { type Followers, followed, followersOf } from '../../world/follow.ts';
import { type Active, treeOf } from '../../world/tree.ts';
import type { WorldEvent } from '../../world/world.ts';
import type { Move, Recording } from './recording.ts';

/** Charts that are followed; those of hosts with more objects are left out. */
const MAX_MEMBERS = 4096;

/** Ids of the active states of the update, the machine itself included. */
const statesOf = (s: Snapshot): string[] =>
  (s as unknown as { readonly _nodes: readonly { readonly id: string }[] })._nodes.map((n) => n.id);

const statesOfMember = (member: Member, active: Active): string[] => {
  const { nodes } = treeOf(member.chart.machine);
  return active.flatMap((n) => nodes[n]?.id ?? []);
};

export class ActiveCharts {
  #leader: string;
  #followers: Followers;

  constructor(s: Snapshot) {
    const { world } = s.context;
    const { host } = world;
    const members =
      host === null ? [] : [...membersOf(host), ...membersToCome(host)].slice(0, MAX_MEMBERS);
    this.#followers = followersOf(members, world);
    this.#leader = statesOf(s).join();
  }

  /** What is followed, by the names of reports; `charts` are the ids of those that are drawn. */
  names(charts: readonly string[]): Recording['follows'] {
    const indexOf = (id: string): number => Math.max(0, charts.indexOf(id));
    return [
      { name: 'live-update', chart: indexOf('live-update') },
      ...this.#followers.members.map((m) => ({
        name: memberName(m),
        chart: indexOf(m.chart.machine.id),
      })),
    ];
  }

  /** Where all of them stand at the start. */
  start(s: Snapshot): Move[] {
    const { members, active } = this.#followers;
    return [
      { of: 0, active: statesOf(s) },
      ...members.map((m, i) => ({ of: i + 1, active: statesOfMember(m, active[i] as Active) })),
    ];
  }

  /** Those that an event moved. */
  step(before: Snapshot, event: WorldEvent, after: Snapshot): Move[] {
    const leader = statesOf(after);
    const moves: Move[] = leader.join() === this.#leader ? [] : [{ of: 0, active: leader }];
    this.#leader = leader.join();
    const was = this.#followers;
    const now = followed(was, before.context.world, event, after.context.world);
    this.#followers = now;
    if (now === was) return moves;
    for (const [i, member] of now.members.entries()) {
      const active = now.active[i] as Active;
      if (active !== was.active[i])
        moves.push({ of: i + 1, active: statesOfMember(member, active) });
    }
    return moves;
  }
}
