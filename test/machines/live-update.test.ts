import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import { type Design, defaultDesign, without } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { diffHosts } from '../../src/host/diff.ts';
import type { Host } from '../../src/host/host.ts';
import { hostOf, newUpdate } from '../../src/liveupdate/update.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import { ran, version } from '../support/updates.ts';

type Snapshot = SnapshotFrom<typeof liveUpdate>;

const start = (host: Host, design: Design = defaultDesign): Snapshot =>
  initialTransition(liveUpdate, newUpdate(host, version('4.17'), design))[0] as Snapshot;
const next = (s: Snapshot, e: WorldEvent): Snapshot => transition(liveUpdate, s, e)[0] as Snapshot;

const GIVE_UP: readonly WorldEvent[] = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
];

/** The events of an update that goes through. */
const script = (host: Host): readonly WorldEvent[] => ran(host).steps.map((s) => s.event);

describe('giving up before the point of no return (PNR-1)', () => {
  const host = mixedHost();
  const events = script(host);
  const jump = events.findIndex((e) => e.type === 'lu.jump');

  test.each(GIVE_UP.map((e) => [e.type, e] as const))(
    '%s at every step from the request on leads back to the exact state before',
    (_type, giveUp) => {
      let s = start(host);
      let prior: Host | null = null;
      let tried = 0;
      for (const e of events.slice(0, jump)) {
        s = next(s, e);
        if (e.type === 'kexec.load') prior = hostOf(s.context.world);
        if (prior === null || !s.can(giveUp)) continue;
        tried++;
        const aborting = next(s, giveUp);
        expect(aborting.value).toBe('aborting');
        expect(aborting.context.world.refusals).toHaveLength(1);
        const back = next(aborting, { type: 'lu.rollback' });
        expect(back.value).toBe('refused');
        expect(hostOf(back.context.world)).toEqual(prior);
        expect(diffHosts(prior, hostOf(back.context.world))).toEqual([]);
        // And the update can be asked for again, as if nothing had been.
        const again = next(back, { type: 'lu.request' });
        expect(again.matches('quiescing')).toBe(true);
        expect(again.context.world.refusals).toEqual([]);
      }
      // Every step from the request to the seal was one to give up at.
      expect(tried).toBe(jump - 1);
    },
  );

  test('after it nothing can be given up', () => {
    let s = start(host);
    for (const [i, e] of events.entries()) {
      s = next(s, e);
      if (i >= jump) for (const giveUp of GIVE_UP) expect(s.can(giveUp)).toBe(false);
    }
    expect(s.value).toBe('done');
  });

  test("past it the update no longer holds xen#1's host", () => {
    let s = start(host);
    for (const [i, e] of events.entries()) {
      s = next(s, e);
      if (i >= jump) expect(s.context.world.host).toBeNull();
    }
  });
});

describe('the machine itself', () => {
  /** Every transition of the machine, as "state: event -> targets". */
  const transitions = (): string[] => {
    const found: string[] = [];
    const walk = (node: (typeof liveUpdate)['root']): void => {
      for (const list of node.transitions.values())
        for (const t of list)
          found.push(
            `${node.id}: ${t.eventType} -> ${t.target?.map((n) => n.id).join() ?? 'self'}`,
          );
      for (const t of node.always ?? [])
        found.push(`${node.id}: always -> ${t.target?.map((n) => n.id).join() ?? 'self'}`);
      for (const child of Object.values(node.states)) walk(child as typeof node);
    };
    walk(liveUpdate.root);
    return found;
  };

  const states = (s: Snapshot): string[] => s._nodes.map((n) => n.id);

  test('every state is entered by one of these runs', () => {
    const seen = new Set<string>();
    const see = (design: Design, events: readonly WorldEvent[], host = mixedHost()): void => {
      let s = start(host, design);
      for (const id of states(s)) seen.add(id);
      for (const e of events) {
        s = next(s, e);
        for (const id of states(s)) seen.add(id);
      }
    };
    const whole = script(mixedHost());
    see(defaultDesign, whole);
    const early = whole.slice(0, 4);
    see(defaultDesign, [...early, { type: 'lu.cancel' }, { type: 'lu.rollback' }]);
    see(defaultDesign, [whole[0] as WorldEvent, { type: 'kexec.unload' }]);
    see(without(defaultDesign, 'R30'), whole);
    const all: string[] = [];
    const walk = (node: (typeof liveUpdate)['root']): void => {
      all.push(node.id);
      for (const child of Object.values(node.states)) walk(child as typeof node);
    };
    walk(liveUpdate.root);
    // Passed through by eventless transitions, so never rested in.
    // A normal reboot is no update: see the coverage of transitions.
    const transient = [
      'live-update.rebooted',
      'live-update.checking',
      'live-update.sealing',
      'live-update.saving.domains',
    ];
    expect(all.filter((id) => !seen.has(id) && !transient.includes(id))).toEqual([]);
  });

  test('states have descriptions and facts, and so does every transition that needs one', () => {
    const walk = (node: (typeof liveUpdate)['root']): void => {
      if (node !== liveUpdate.root) {
        expect([node.id, typeof node.description]).toEqual([node.id, 'string']);
        expect([node.id, (node.meta as { facts?: string[] })?.facts?.length ?? 0]).not.toEqual([
          node.id,
          0,
        ]);
      }
      for (const child of Object.values(node.states)) walk(child as typeof node);
    };
    walk(liveUpdate.root);
    expect(transitions().length).toBeGreaterThan(45);
  });

  test('the point of no return is one transition, and marked', () => {
    const jumps = transitions().filter((t) => t.includes('lu.jump'));
    expect(jumps).toEqual(['live-update.sealed: lu.jump -> live-update.booting']);
    const text = readFileSync(join(import.meta.dirname, '../../machines/live-update.ts'), 'utf8');
    expect(text).toContain('pointOfNoReturn: true');
  });

  test('is one literal that an editor can read: no spread, no computed state', () => {
    const text = readFileSync(join(import.meta.dirname, '../../machines/live-update.ts'), 'utf8');
    const config = text.slice(text.indexOf('.createMachine({'));
    expect(config).not.toMatch(/\.\.\.|\[[a-z]\w*\]:/);
  });

  test('its definition can be exported as JSON and names every state', () => {
    const definition = JSON.parse(JSON.stringify(liveUpdate.toJSON())) as { states: object };
    expect(Object.keys(definition.states)).toEqual(Object.keys(liveUpdate.root.states));
  });
});

test('without R3 a domain may run before the others are restored (S67)', () => {
  const host = mixedHost();
  const events = script(host);
  const design = without(defaultDesign, 'R3');
  let s = start(host, design);
  let early = 0;
  for (const e of events) {
    const resume: WorldEvent = { type: 'lu.resume', domid: 1 };
    if (s.matches('restoring') && s.can(resume)) {
      early++;
      s = next(s, resume);
      expect(hostOf(s.context.world).xen.domains[1]?.pausers).toEqual([]);
    }
    if (s.can(e)) s = next(s, e);
  }
  expect(early).toBe(1);
  let kept = start(host);
  for (const e of events) {
    if (kept.matches('restoring')) expect(kept.can({ type: 'lu.resume', domid: 1 })).toBe(false);
    kept = next(kept, e);
  }
});
