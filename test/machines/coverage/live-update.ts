/**
 * Updates by every way that there is: given up at each rest, refused, crashed
 * at each step of xen#2, no update at all; and what else may come meanwhile.
 */
import { expect } from 'vitest';
import { emulatedGuest, hostOf, requestsOf } from '../../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../../src/design/design.ts';
import type { RuleId } from '../../../src/design/rules.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { assignDevice, loadKexec } from '../../../src/host/build/system.ts';
import { makeZombie } from '../../../src/host/build/zombie.ts';
import { FLAG, flagsOf, frameCount } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import { formatLiveUpdate } from '../../../src/liveupdate/command-line.ts';
import { topState } from '../../../src/trace/schedule.ts';
import type { Coverage } from '../../../src/world/coverage.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { Run, type Start } from './drive.ts';

interface Way extends Partial<Omit<Start, 'design'>> {
  /** Rules that the design does without, and answers that it gives otherwise. */
  readonly drop?: readonly RuleId[];
  readonly policies?: Partial<Design['policies']>;
  /** Offered when the update first stands in the state, before its own next step. */
  readonly at?: Readonly<Record<string, readonly WorldEvent[]>>;
  /** In the state these are offered, and nothing after them. */
  readonly last?: readonly [string, ...WorldEvent[]];
  /** Where the update must stand at the end. */
  readonly ends: string;
}

/** Steps of an update before it counts as stuck. */
const MAX_STEPS = 200;

/** `saving.domains`: where the update stands, without its own name. */
const leafOf = ({ team }: Run): string =>
  [...team.update._nodes].sort((a, b) => b.path.length - a.path.length)[0]?.path.join('.') ?? '';

const designOf = ({ drop = [], policies }: Way): Design => {
  const kept = without(defaultDesign, ...drop);
  return { ...kept, policies: { ...kept.policies, ...policies } };
};

const go = (coverage: Coverage, way: Way): void => {
  const { at = {}, last, ends, host = hostOf(['pv']), image, load } = way;
  const run = new Run(coverage, {
    ...{ host, design: designOf(way) },
    ...(image === undefined ? {} : { image }),
    ...(load === undefined ? {} : { load }),
  });
  const tried = new Set<string>();
  for (let n = 0; n < MAX_STEPS; n++) {
    const top = topState(run.team.update);
    if (last?.[0] === top) {
      run.offerAll(last.slice(1) as WorldEvent[]);
      break;
    }
    for (const where of [top, leafOf(run)]) {
      for (const e of tried.has(where) ? [] : (at[where] ?? []))
        if (topState(run.team.update) === top) run.offer(e);
      tried.add(where);
    }
    if (topState(run.team.update) === top && !run.step()) break;
  }
  expect(topState(run.team.update)).toBe(ends);
};

const { build } = buildHost().xen;
const normal = { type: 'kexec.load_default', build: null, commandLine: 'vmlinuz' } as const;
const load = { type: 'kexec.load', build, commandLine: '' } as const;
const badLoad = { type: 'kexec.load', build, commandLine: 'liveupdate=3M' } as const;
const unload = { type: 'kexec.unload' } as const;
const exec = { type: 'kexec.exec' } as const;
const happening = { type: 'sched.yield', domid: 1, vcpu: 0 } as const;
const nothing = { type: 'tasklet.run', id: 99 } as const;
const giveUps = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
] as const;
const panic = { type: 'xen2.panic', what: 'injected' } as const;
const request = { type: 'lu.request' } as const;
const rollBack = { type: 'lu.rollback' } as const;

const granter = (change: (draft: Parameters<typeof mapGrant>[0]) => void, host: boolean): Host =>
  hostOf(['hvm'], (draft) => {
    mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }), host });
    change(draft);
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

/** The way through, with what else may come at each rest. */
const THROUGH: readonly Way[] = [
  {
    at: {
      idle: [nothing, happening, normal, unload, unload, exec],
      loaded: [nothing, happening, load],
      quiescing: [nothing, happening, load, normal, unload, { type: 'lu.park', domid: 9 }],
      'saving.domains': [{ type: 'lu.save.domain', domid: 9 }],
      restoring: [{ type: 'lu.resume', domid: 1 }],
      'restoring.pass0a': [{ type: 'restore.0a', domid: 9 }],
      'restoring.pass0b': [{ type: 'restore.0b', domid: 9 }],
      'restoring.pass0c': [{ type: 'restore.0c', domid: 9 }],
      'restoring.pass1': [
        { type: 'restore.1', domid: 9 },
        { type: 'restore.2', domid: 1 },
      ],
      'restoring.pass2': [{ type: 'restore.2', domid: 9 }],
      resuming: [{ type: 'lu.resume', domid: 9 }],
      done: [nothing, happening],
    },
    ends: 'done',
  },
  { last: ['done', { type: 'lu.settle' }], ends: 'idle' },
  { host: emulatedGuest(), at: { quiescing: requestsOf(1) }, ends: 'done' },
];

/** The slot before the request, and after a refusal. */
const SLOT: readonly Way[] = [
  { load: { commandLine: 'liveupdate=3M' }, last: ['refused', badLoad, load], ends: 'loaded' },
  { load: { lowestSegment: 0 }, last: ['refused', nothing, happening, normal], ends: 'idle' },
  { load: { lowestSegment: 0 }, last: ['refused', unload], ends: 'idle' },
  { load: { lowestSegment: 0 }, last: ['refused', request], ends: 'refused' },
  { last: ['loaded', badLoad], ends: 'refused' },
  { last: ['loaded', normal], ends: 'idle' },
  { last: ['loaded', unload], ends: 'idle' },
];

/** Given up wherever that is possible; refused before the jump: hopeless, not to be saved, no memory. */
const REFUSED: readonly Way[] = [
  ...['quiescing', 'saving', 'sealed'].flatMap((state) =>
    giveUps.map((e): Way => ({ last: [state, e, rollBack], ends: 'refused' })),
  ),
  { image: { gnttabMaxVersion: 1 }, last: ['loaded', request], ends: 'refused' },
  { host: hostOf(['hvm', 'hvm'], (d) => d.xen.system.unsupported.push('argo')), ends: 'refused' },
  { host: granter((d) => makeZombie(d, 1), false), drop: ['F10.9.dying'], ends: 'refused' },
  { host: full(), ends: 'refused' },
];

/** What dropped rules let happen, and a crash for every step behind the jump. */
const CRASHED: readonly Way[] = [
  { drop: ["R12'"], ends: 'crashed' },
  { drop: ['R10'], at: { quiescing: [badLoad, load] }, ends: 'done' },
  { drop: ['R10'], at: { quiescing: [normal] }, ends: 'crashed' },
  { drop: ['R10'], at: { quiescing: [unload] }, ends: 'crashed' },
  { drop: ['F1.3.first-page'], load: { lowestSegment: 0 }, ends: 'crashed' },
  { drop: ['R41'], image: { imageFrames: 300 }, ends: 'crashed' },
  { drop: ['R30'], ends: 'crashed' },
  { drop: ['R25'], host: hostOf([], () => undefined, { ramFrames: 64 * 1024 }), ends: 'crashed' },
  { policies: { Q16: 'dom0' }, ends: 'crashed' },
  { drop: ['R33'], host: withDevice(), ends: 'crashed' },
  { drop: ['F7.5.type'], host: granter(() => undefined, true), ends: 'crashed' },
  ...['booting', 'mapping', 'reserving', 'restoring', 'verifying', 'resuming'].map(
    (state): Way => ({ last: [state, panic], ends: 'crashed' }),
  ),
  { host: withXenToBoot(), at: { idle: [exec] }, ends: 'rebooted' },
];

/** Early passes without the barrier, and early resumes: only in orders that the fair run does not take. */
const overlapping = (coverage: Coverage): void => {
  const run = new Run(coverage, {
    host: hostOf(['pv']),
    design: without(defaultDesign, 'R38', 'R3'),
  });
  for (let n = 0; n < MAX_STEPS && topState(run.team.update) !== 'done'; n++) {
    if (run.team.update.matches({ restoring: 'pass1' }))
      run.offerAll([0, 1].map((domid) => ({ type: 'restore.2', domid }) as const));
    if (run.team.update.matches('restoring')) run.offer({ type: 'lu.resume', domid: 0 });
    run.step();
  }
  expect(topState(run.team.update)).toBe('done');
};

export const updates: readonly ((coverage: Coverage) => void)[] = [
  function updatesThrough(coverage) {
    for (const way of [...THROUGH, ...SLOT]) go(coverage, way);
  },
  function updatesRefused(coverage) {
    for (const way of REFUSED) go(coverage, way);
  },
  function updatesCrashed(coverage) {
    for (const way of CRASHED) go(coverage, way);
    overlapping(coverage);
  },
];
