/**
 * Every transition of the live-update chart is taken by one of these runs, and
 * every guard is seen to hold and not to hold where it stands. What is dark
 * fails the test by its name.
 */
import { expect, test } from 'vitest';
import { type AnyStateNode, getMicrosteps, initialTransition } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import { emulatedGuest, hostOf, requestsOf } from '../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../src/design/design.ts';
import type { RuleId } from '../../src/design/rules.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { assignDevice, loadKexec } from '../../src/host/build/system.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { FLAG, flagsOf, frameCount } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { formatLiveUpdate } from '../../src/liveupdate/command-line.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { type Image, type Snapshot, topState, updateSteps } from '../../src/trace/schedule.ts';
import type { WorldEvent } from '../../src/world/world.ts';
import { version } from '../support/updates.ts';

type Transition = AnyStateNode['always'] extends readonly (infer T)[] | undefined ? T : never;

/** Transitions taken, and what each guard has said, by "state event#index". */
const taken = new Set<string>();
const said = new Map<string, Set<boolean>>();

const nodes = (): AnyStateNode[] => {
  const all: AnyStateNode[] = [];
  const walk = (n: AnyStateNode): void => {
    all.push(n);
    for (const child of Object.values(n.states)) walk(child);
  };
  walk(liveUpdate.root);
  return all;
};

const listsOf = (n: AnyStateNode): (readonly [string, readonly Transition[]])[] => [
  ...[...n.transitions].map(([type, list]) => [type, list as readonly Transition[]] as const),
  ['always', n.always ?? []] as const,
];

const nameOf = (n: AnyStateNode, event: string, index: number): string =>
  `${n.id} ${event}#${index}`;

type Guard = (args: { context: unknown; event: unknown }) => boolean;
const guards = liveUpdate.implementations.guards as unknown as Readonly<Record<string, Guard>>;

/** Asks the candidates of an event as the chart does: children first, each list in its order. */
const look = (s: Snapshot, event: WorldEvent, name: string): void => {
  const active = [...s._nodes].sort((a, b) => b.path.length - a.path.length);
  for (const n of active as AnyStateNode[]) {
    const lists = new Map(listsOf(n));
    const key = lists.has(name) ? name : '*';
    for (const [i, t] of (lists.get(key) ?? []).entries()) {
      const id = nameOf(n, key, i);
      const guard = t.guard === undefined ? null : (guards[String(t.guard)] as Guard);
      const holds = guard === null || guard({ context: s.context, event });
      if (guard !== null) said.set(id, (said.get(id) ?? new Set()).add(holds));
      if (!holds) continue;
      taken.add(id);
      return;
    }
  }
};

const follow = (s: Snapshot, event: WorldEvent): Snapshot => {
  look(s, event, event.type);
  let now = s;
  for (const [next] of getMicrosteps(liveUpdate, s, event) as [Snapshot, unknown][]) {
    look(next, event, 'always');
    now = next;
  }
  return now;
};

interface Run {
  readonly host?: Host;
  readonly drop?: readonly RuleId[];
  readonly policies?: Partial<Design['policies']>;
  readonly image?: Partial<Image>;
  /** Tried at every step where the update stands in the state, before its own next one. */
  readonly at?: Readonly<Record<string, readonly WorldEvent[]>>;
  /** Ends the run instead, in the state. */
  readonly ends?: readonly [string, ...WorldEvent[]];
}

const MAX_STEPS = 200;

/** `saving.domains`: where the chart stands, without its own name. */
const leafOf = (s: Snapshot): string =>
  [...s._nodes].sort((a, b) => b.path.length - a.path.length)[0]?.path.join('.') ?? '';

const run = ({ host = hostOf(['pv']), drop = [], policies, image, at = {}, ends }: Run): string => {
  const kept = without(defaultDesign, ...drop);
  const design = { ...kept, policies: { ...kept.policies, ...policies } };
  const whole = { build: host.xen.build, commandLine: 'console=com1', ...image };
  let s = initialTransition(liveUpdate, newUpdate(host, version('4.17'), design))[0] as Snapshot;
  const tried = new Set<string>();
  for (let n = 0; n < MAX_STEPS; n++) {
    const top = topState(s);
    if (ends !== undefined && ends[0] === top) {
      for (const e of ends.slice(1) as WorldEvent[]) s = follow(s, { ...e });
      break;
    }
    for (const where of [top, leafOf(s)]) {
      if (!tried.has(where))
        for (const e of at[where] ?? []) if (topState(s) === top) s = follow(s, { ...e });
      tried.add(where);
    }
    if (topState(s) !== top) continue;
    const [next] = updateSteps(s, whole);
    if (next === undefined) break;
    s = follow(s, { ...next });
  }
  return topState(s);
};

const { build } = buildHost().xen;
const none = { type: 'kexec.load_default', build: null, commandLine: 'vmlinuz' } as const;
const load = { type: 'kexec.load', build, commandLine: '' } as const;
const badLoad = { type: 'kexec.load', build, commandLine: 'liveupdate=3M' } as const;
const unload = { type: 'kexec.unload' } as const;
const exec = { type: 'kexec.exec' } as const;
const send = { type: 'sched.yield', domid: 1, vcpu: 0 } as const;
const nothing = {
  type: 'grant.unmap',
  domid: 1,
  vcpu: 0,
  handle: 9,
  parts: 1,
  at: 0,
  slot: 0,
} as const;
const giveUps = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
] as const;
const panic = { type: 'xen2.panic', what: 'injected' } as const;
const request = { type: 'lu.request' } as const;
const rollBack = { type: 'lu.rollback' } as const;

const zombie = (): Host =>
  hostOf(['hvm'], (draft) => {
    mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
    makeZombie(draft, 1);
  });
const hvmGranter = (): Host =>
  hostOf(['hvm'], (draft) => {
    mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }), host: true });
  });
/** Nothing is free: there is no page for the stream. */
const full = (): Host => {
  const host = hostOf(['pv']);
  const flags = Uint16Array.from({ length: frameCount(host.xen.frames) }, (_, f) => {
    const flag = flagsOf(host.xen.frames, f);
    return (flag & FLAG.free) === 0 ? flag : FLAG.reserved;
  });
  return { ...host, xen: { ...host.xen, frames: { ...host.xen.frames, flags } } };
};
const withXenToBoot = (): Host =>
  hostOf(['pv'], (draft) => {
    const commandLine = formatLiveUpdate(draft.xen.bootmem);
    loadKexec(draft, 'default', { build: draft.xen.build, commandLine });
  });
const withDevice = (): Host =>
  hostOf(['pv'], (draft) => {
    assignDevice(draft, 1, '0000:03:00.0', { frames: [] });
  });

const RUNS: readonly (readonly [Run, string])[] = [
  // The way through, with what else may come at each rest.
  [
    {
      at: {
        idle: [nothing, send, none, unload, unload, exec],
        loaded: [nothing, send, load],
        quiescing: [nothing, send, load, none, unload, { type: 'lu.park', domid: 9 }],
        'saving.domains': [{ type: 'lu.save.domain', domid: 9 }],
        restoring: [{ type: 'lu.resume', domid: 1 }],
        'restoring.pass0a': [{ type: 'restore.0a', domid: 9 }],
        'restoring.pass0b': [{ type: 'restore.0b', domid: 9 }],
        'restoring.pass0c': [{ type: 'restore.0c', domid: 9 }],
        'restoring.pass1': [{ type: 'restore.1', domid: 9 }],
        'restoring.pass2': [{ type: 'restore.2', domid: 9 }],
        resuming: [{ type: 'lu.resume', domid: 9 }],
        done: [nothing, send],
      },
    },
    'done',
  ],
  [{ ends: ['done', { type: 'lu.settle' }] }, 'idle'],
  // The slot before, and after a refusal.
  [{ image: { commandLine: 'liveupdate=3M' }, ends: ['refused', badLoad, load] }, 'loaded'],
  [{ image: { lowestSegment: 0 }, ends: ['refused', nothing, send, none] }, 'idle'],
  [{ image: { lowestSegment: 0 }, ends: ['refused', unload] }, 'idle'],
  [{ image: { lowestSegment: 0 }, ends: ['refused', request] }, 'refused'],
  [{ ends: ['loaded', badLoad] }, 'refused'],
  [{ ends: ['loaded', none] }, 'idle'],
  [{ ends: ['loaded', unload] }, 'idle'],
  [{ image: { build: { ...build, gnttabMaxVersion: 1 } }, ends: ['loaded', request] }, 'refused'],
  // Giving up, wherever that is possible.
  ...['quiescing', 'saving', 'sealed'].flatMap((state) =>
    giveUps.map((e) => [{ ends: [state, e, rollBack] }, 'refused'] as [Run, string]),
  ),
  // Refused before the jump: hopeless, not to be saved, no memory.
  [{ host: hostOf(['hvm', 'hvm'], (d) => d.xen.system.unsupported.push('argo')) }, 'refused'],
  [{ host: zombie(), drop: ['F10.9.dying'] }, 'refused'],
  [{ host: full() }, 'refused'],
  [{ host: emulatedGuest(), at: { quiescing: requestsOf(1) } }, 'done'],
  // What dropped rules let happen.
  [{ drop: ["R12'"] }, 'crashed'],
  [{ drop: ['R10'], at: { quiescing: [badLoad, load] } }, 'done'],
  [{ drop: ['R10'], at: { quiescing: [none] } }, 'crashed'],
  [{ drop: ['R10'], at: { quiescing: [unload] } }, 'crashed'],
  [{ drop: ['R3'], at: { restoring: [{ type: 'lu.resume', domid: 0 }] } }, 'done'],
  // Behind the jump there is a crash for every step.
  [{ drop: ['F1.3.first-page'], image: { lowestSegment: 0 } }, 'crashed'],
  [{ drop: ['R41'], image: { build: { ...build, imageFrames: 300 } } }, 'crashed'],
  [{ drop: ['R30'] }, 'crashed'],
  [{ drop: ['R25'], host: hostOf([], () => undefined, { ramFrames: 64 * 1024 }) }, 'crashed'],
  [{ policies: { Q16: 'dom0' } }, 'crashed'],
  [{ drop: ['R33'], host: withDevice() }, 'crashed'],
  [{ drop: ['F7.5.type'], host: hvmGranter() }, 'crashed'],
  ...['booting', 'mapping', 'reserving', 'restoring', 'verifying', 'resuming'].map(
    (state) => [{ ends: [state, panic] }, 'crashed'] as [Run, string],
  ),
  // A normal reboot.
  [{ host: withXenToBoot(), at: { idle: [exec] } }, 'rebooted'],
];

test.each(RUNS.map(([r, end], i) => [i, end, r] as const))('run %i ends %s', (_i, end, r) => {
  expect(run(r)).toBe(end);
});

/** Early passes without the barrier, and early resumes: only in orders that the fair run does not take. */
test('without R38 the passes of different domains overlap', () => {
  const host = hostOf(['pv']);
  const design = without(defaultDesign, 'R38', 'R3');
  const image = { build: host.xen.build, commandLine: '' };
  let s = initialTransition(liveUpdate, newUpdate(host, version('4.17'), design))[0] as Snapshot;
  for (let n = 0; n < MAX_STEPS && topState(s) !== 'done'; n++) {
    if (s.matches({ restoring: 'pass1' }))
      for (const domid of [0, 1]) s = follow(s, { type: 'restore.2', domid });
    if (s.matches('restoring')) s = follow(s, { type: 'lu.resume', domid: 0 });
    const [next] = updateSteps(s, image);
    s = follow(s, { ...(next as WorldEvent) });
  }
  expect(topState(s)).toBe('done');
});

test('no transition is dark', () => {
  const all = nodes().flatMap((n) =>
    listsOf(n).flatMap(([event, list]) => list.map((_, i) => nameOf(n, event, i))),
  );
  expect(all.length).toBeGreaterThan(70);
  expect(all.filter((id) => !taken.has(id))).toEqual([]);
});

test('every guard has said yes and no', () => {
  const guarded = nodes().flatMap((n) =>
    listsOf(n).flatMap(([event, list]) =>
      list.flatMap((t, i) => (t.guard === undefined ? [] : [nameOf(n, event, i)])),
    ),
  );
  const dark = guarded.flatMap((id) =>
    [true, false].flatMap((answer) => (said.get(id)?.has(answer) ? [] : [`${id}: ${answer}`])),
  );
  expect(dark).toEqual([]);
});
