import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, initialTransition, transition } from 'xstate';
import { CHARTS } from '../../machines/charts.ts';
import destroyDomain from '../../machines/destroy-domain.ts';
import grant from '../../machines/grant.ts';
import { defaultDesign } from '../../src/design/design.ts';
import type { Host } from '../../src/host/host.ts';
import { hostOf, newUpdate } from '../../src/liveupdate/update.ts';
import { treeOf } from '../../src/world/tree.ts';
import { after, type World, type WorldEvent } from '../../src/world/world.ts';
import { destroyed } from '../machines/objects/events.ts';
import { DEVICE, host, mapped, RO } from '../machines/objects/grant-scene.ts';
import { ran, version } from '../support/updates.ts';

const worldOf = (h: Host): World => newUpdate(h, version('4.17'), defaultDesign);
/** A chart alone, as XState runs it; the events' own identities are kept. */
const alone = (machine: AnyStateMachine, of: object, world: World, events: WorldEvent[]) => {
  const [start] = initialTransition(machine, { world, of });
  return events.reduce((s, e) => transition(machine, s, e)[0], start);
};
const worldAfter = (world: World, events: readonly WorldEvent[]): World =>
  events.reduce((w, e) => after(w, { ...e }), world);

describe('a chart alone changes its world once for an event', () => {
  const of = { domid: 1, ref: 8 };
  const pins = (w: World) => hostOf(w).xen.domains[1]?.grants.active[8]?.pins;

  test('that moves two of its regions', () => {
    const map = mapped(1, 8, DEVICE | RO);
    const s = alone(grant.machine, of, worldOf(host), [map]);
    expect(s.value).toMatchObject({ use: 'reading', maps: 'byDevice' });
    expect(pins(s.context.world)).toEqual({ hstw: 0, hstr: 0, devw: 0, devr: 1 });
    expect(s.context.world).toEqual(worldAfter(worldOf(host), [map]));
  });

  test('again when the same event comes again, in whatever order it is tried', () => {
    const kill: WorldEvent = { type: 'domain.kill', domid: 1 };
    const [begin] = destroyed(1, 0) as [WorldEvent];
    const kills = Array.from({ length: 12 }, () => kill);
    const run = (n: number) =>
      alone(destroyDomain.machine, { domid: 1 }, worldOf(host), [begin, ...kills.slice(0, n)]);
    const values = new Set<string>();
    for (const n of [12, 3, 7, 1, 2]) {
      const s = run(n);
      values.add(JSON.stringify(s.value));
      expect(s.context.world).toEqual(worldAfter(worldOf(host), [begin, ...kills.slice(0, n)]));
    }
    expect(values.size).toBeGreaterThan(3);
  });

  /** Transitions without a guard after which the same event is taken again, without one. */
  const unasked = CHARTS.flatMap(({ machine }) => {
    const { nodes, transitions } = treeOf(machine);
    const isFree = (index: number, event: string): boolean =>
      nodes[index]?.on.get(event)?.[0]?.guard === null;
    const isFreeBelow = (index: number, event: string): boolean =>
      isFree(index, event) ||
      (nodes[index]?.children.some((child) => isFreeBelow(child, event)) ?? false);
    const takes = (index: number, event: string): boolean => {
      let free = isFreeBelow(index, event);
      for (let n = index; n >= 0; n = nodes[n]?.parent ?? -1) free ||= isFree(n, event);
      return free;
    };
    return transitions.flatMap(({ id, source, target, event, guard }) =>
      event !== null && guard === null && id.endsWith(' 0') && takes(target ?? source, event)
        ? [event]
        : [],
    );
  });

  test('and where no guard is asked, the second time changes nothing or cannot be', () => {
    const events = ran(host).steps.map((s) => s.event);
    const jump = events.findIndex((e) => e.type === 'lu.jump');
    const before = worldAfter(worldOf(host), events.slice(0, jump));
    const behind = worldAfter(before, events.slice(jump, jump + 1));
    const tried: readonly (readonly [World, WorldEvent])[] = [
      [before, { type: 'kexec.exec' }],
      [before, { type: 'lu.jump' }],
      [behind, { type: 'xen2.panic', what: 'injected' }],
    ];
    expect([...new Set(unasked)].sort()).toEqual(tried.map(([, e]) => e.type));
    for (const [world, event] of tried) {
      const once = worldAfter(world, [event]);
      expect(once).not.toEqual(world);
      // Behind the jump no Xen is left that could jump again.
      if (event.type === 'lu.jump') expect(once.host).toBeNull();
      else expect(worldAfter(once, [event])).toEqual(once);
    }
  });
});
