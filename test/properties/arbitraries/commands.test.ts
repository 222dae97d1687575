/**
 * Commands of all kinds on random hosts, followed by a smaller model; and that
 * the model would notice if the host did something else.
 */
import fc from 'fast-check';
import { isRight, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Broken } from '../../../properties/arbitraries/commands/command.ts';
import {
  type Commands,
  Disagreement,
  hostCommands,
  realHost,
  runCommands,
  type Told,
} from '../../../properties/arbitraries/commands.ts';
import { eventTypes } from '../../../properties/arbitraries/history/event-of.ts';
import { judgeHost } from '../../../properties/registry.ts';
import { commands as property } from '../../../properties/suite/commands.ts';
import { invariants } from '../../../properties/suite/judged.ts';
import { tryProperty } from '../../../properties/suite/try.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import { VERSIONS, type XenVersion } from '../../../src/design/versions.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import type { Domain } from '../../../src/host/domain.ts';
import type { Host } from '../../../src/host/host.ts';
import { apply } from '../../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../../src/hypercalls/events.ts';

const host = mixedHost();
const version = VERSIONS.find((v) => v.id === host.xen.build.version) as XenVersion;

/** Runs random commands on the mixed host. */
const tryCommands = (
  seed: number,
  numRuns: number,
  step: typeof apply,
  see: (told: readonly Told[]) => void = () => undefined,
  judge: (host: Host) => readonly Broken[] = () => [],
) =>
  fc.check(
    fc.property(hostCommands(), (commands) => {
      const real = realHost(host, version, { apply: step, judge });
      runCommands(commands, real);
      see(real.told);
    }),
    { seed, numRuns },
  );

test('at least 50 kinds of events happen, and most of what is told was foreseen', () => {
  const happened = new Set<string>();
  const refused = new Set<string>();
  const count = { foreseen: 0, all: 0 };
  const result = tryCommands(7, 150, apply, (told) => {
    for (const { event, told: how, foreseen } of told) {
      count.all++;
      if (foreseen) count.foreseen++;
      if (how === 'happens') happened.add(event.type);
      else if (how !== 'not enabled') refused.add(`${event.type} ${how.split(',')[0]}`);
    }
  });
  expect(result.errorInstance ?? null).toBeNull();
  const never = eventTypes.filter((type) => !happened.has(type));
  expect(happened.size, `never: ${never.join(', ')}`).toBeGreaterThanOrEqual(60);
  expect(refused.size).toBeGreaterThanOrEqual(60);
  expect(count.all / result.numRuns).toBeGreaterThan(10);
  expect(count.foreseen / count.all).toBeGreaterThan(0.66);
});

test('the update after them is judged, and its smallest failure is found again', () => {
  const design = without(defaultDesign, 'F7.5.pins');
  const first = tryProperty(property, { design, seed: 5 });
  if (first.holds) throw new Error('not found');
  expect(first.violation.invariants).toContain('I7.1');
  expect(first.described.length).toBeLessThanOrEqual(6);
  const again = tryProperty(property, { design, seed: 5, path: first.path, runs: 1 });
  expect(again.holds ? [] : again.described).toEqual(first.described);
});

/** `apply` with a bug in what it makes of events of one type. */
const withBug =
  (
    type: HostEvent['type'],
    spoil: (before: Host, after: Host, event: HostEvent) => Host,
  ): typeof apply =>
  (before, event, ctx) => {
    const next = apply(before, event, ctx);
    return isRight(next) && event.type === type ? right(spoil(before, next.right, event)) : next;
  };

const withDomain = (h: Host, id: number, change: (d: Domain) => Domain): Host => {
  const d = h.xen.domains[id];
  return d === undefined
    ? h
    : { ...h, xen: { ...h.xen, domains: { ...h.xen.domains, [id]: change(d) } } };
};

/** grant.unmap keeps the pins of the map that it undoes. */
const pinStays = withBug('grant.unmap', (before, after, event) => {
  if (event.type !== 'grant.unmap') return after;
  const map = before.xen.domains[event.domid]?.grants.maptrack[event.handle];
  const active = before.xen.domains[map?.granter ?? -1]?.grants.active;
  if (map === undefined || active === undefined) return after;
  return withDomain(after, map.granter, (d) => ({ ...d, grants: { ...d.grants, active } }));
});

/** evtchn.close leaves the other end bound to a port that is free. */
const peerStays = withBug('evtchn.close', (before, after, event) => {
  if (event.type !== 'evtchn.close') return after;
  const binding = before.xen.domains[event.domid]?.events.channels[event.port]?.binding;
  if (binding?.state !== 'interdomain') return after;
  const { remoteDomid: peer, remotePort: port } = binding;
  const channel = before.xen.domains[peer]?.events.channels[port];
  return channel === undefined || peer === event.domid
    ? after
    : withDomain(after, peer, (d) => ({
        ...d,
        events: { ...d.events, channels: { ...d.events.channels, [port]: channel } },
      }));
});

/** A pause too few: the second pausedomain of the tool stack is lost. */
const pauseIsLost = withBug('domctl.pausedomain', (before, after, event) => {
  if (event.type !== 'domctl.pausedomain') return after;
  return (before.xen.domains[event.domid]?.controllerPauseCount ?? 0) > 0 ? before : after;
});

/** The number of commands that ran in the smallest case. */
const linesOf = (commands: Commands): readonly string[] => {
  const lines: string[] = [];
  for (const command of commands) lines.push(String(command));
  return lines;
};

describe('a planted bug comes down to a few commands', () => {
  test.each([
    ['grant.unmap that keeps the pin', pinStays, 'grant.unmap', /pins/],
    [
      'evtchn.close that leaves the peer bound',
      peerStays,
      'evtchn.close',
      /ports.*unbound.*interdomain/,
    ],
    [
      'pausedomain that does not nest',
      pauseIsLost,
      'domctl.pausedomain',
      /pauses: 2 in the model, 1/,
    ],
  ] as const)('%s', (_name, step, type, what) => {
    const result = tryCommands(11, 300, step);
    if (result.counterexample === null) throw new Error('not found');
    const [commands] = result.counterexample;
    const lines = linesOf(commands);
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(lines.at(-1)).toMatch(type);
    expect(result.errorInstance).toBeInstanceOf(Disagreement);
    expect((result.errorInstance as Disagreement).what.join(' ')).toMatch(what);
  });
});

/** grant.map takes one general reference too many: no count that the small model keeps. */
const oneTooMany = withBug('grant.map', (_before, after, event) => {
  if (event.type !== 'grant.map') return after;
  const frame = after.xen.domains[event.granter]?.grants.active[event.ref]?.frame ?? 0;
  const generalCount = Uint32Array.from(after.xen.frames.generalCount);
  generalCount[frame] = (generalCount[frame] ?? 0) + 1;
  return { ...after, xen: { ...after.xen, frames: { ...after.xen.frames, generalCount } } };
});

test('what only an invariant sees is seen at the command that does it', () => {
  const i82 = invariants.filter((i) => i.id === 'I8.2');
  const judge = (h: Host): readonly Broken[] =>
    judgeHost(i82, h, version).flatMap((j) =>
      (j.detail ?? []).map((what) => ({ invariant: j.id, what })),
    );
  const result = tryCommands(11, 300, oneTooMany, undefined, judge);
  if (result.counterexample === null) throw new Error('not found');
  const lines = linesOf(result.counterexample[0]);
  expect(lines.length).toBeLessThanOrEqual(3);
  expect(lines.at(-1)).toMatch('grant.map');
  expect((result.errorInstance as Disagreement).invariants).toEqual(['I8.2']);
});
