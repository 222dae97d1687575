/**
 * Which events are worth trying in a state. Most events are turned down by the
 * first slot that their tree tests; those are left out together, by one look
 * at that slot.
 */
import type { Move } from './engine.ts';
import type { Memo } from './memo.ts';

interface Group {
  /** The slot tested first; -1 for events that test none. */
  readonly slot: number;
  readonly events: number[];
  /** By the id at the slot: the events that are not turned down. */
  readonly live: (Int32Array | undefined)[];
}

export class Dispatch {
  private readonly moves: readonly Memo<Move>[];
  private groups: Group[] = [];
  private offered: Int32Array | undefined;
  private version = -1;
  /** The events worth trying, and how many of them count. */
  readonly events: number[] = [];

  constructor(moves: readonly Memo<Move>[]) {
    this.moves = moves;
  }

  /**
   * Lists in `events` those of `offered` that may be taken in `v`.
   *
   * @param version rises whenever something was learned about moves
   * @returns how many there are
   */
  list(v: Int32Array, offered: Int32Array, version: number): number {
    if (version !== this.version || offered !== this.offered) this.regroup(offered, version);
    const { events, groups } = this;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] as Group;
      const id = group.slot < 0 ? 0 : (v[group.slot] as number);
      const live = group.live[id] ?? this.fill(group, id);
      for (let j = 0; j < live.length; j++) events[count++] = live[j] as number;
    }
    return count;
  }

  private regroup(offered: Int32Array, version: number): void {
    const bySlot = new Map<number, Group>();
    for (const number of offered) {
      const slot = this.moves[number]?.root?.slot ?? -1;
      let group = bySlot.get(slot);
      if (group === undefined) {
        group = { slot, events: [], live: [] };
        bySlot.set(slot, group);
      }
      group.events.push(number);
    }
    this.groups = [...bySlot.values()];
    this.offered = offered;
    this.version = version;
  }

  private fill(group: Group, id: number): Int32Array {
    const live = group.events.filter((number) => {
      const root = this.moves[number]?.root;
      const leaf = group.slot < 0 ? root : root?.kids[id];
      return leaf?.out?.kind !== 'none';
    });
    while (group.live.length < id) group.live.push(undefined);
    const list = Int32Array.from(live);
    group.live[id] = list;
    return list;
  }
}
