/** The image in the kexec slot: where it goes, what it takes, and what is refused (R10, R24, R28, F1). */
import { describe, expect, test } from 'vitest';
import { hostOf as hostWith } from '../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../src/design/design.ts';
import { FRAMES_PER_2M } from '../../src/host/constants.ts';
import { emptyFrameTable, FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { endOf, framesOf, range } from '../../src/host/ranges.ts';
import type { XenBuild } from '../../src/host/system.ts';
import { incompatibilities } from '../../src/liveupdate/compatibility.ts';
import { placeAnywhere } from '../../src/liveupdate/placement.ts';
import { imageFits, isLoaded, mayExec } from '../../src/liveupdate/trigger.ts';
import {
  hostOf,
  newUpdate,
  type Update,
  type UpdateEvent,
} from '../../src/liveupdate/update-state.ts';
import { updateStep } from '../../src/liveupdate/update-step.ts';
import { version } from '../support/updates.ts';

const host = hostWith(['pv']);
const answers = (policies: Partial<Design['policies']>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...policies },
});
const begin = (design: Design = defaultDesign): Update => newUpdate(host, version('4.17'), design);
type Load = Extract<UpdateEvent, { readonly type: 'kexec.load' }>;
const load = (build: Partial<XenBuild> = {}, more: Partial<Load> = {}): Load => ({
  type: 'kexec.load',
  build: { ...host.xen.build, ...build },
  commandLine: 'console=com1',
  ...more,
});
const LARGER = { imageFrames: FRAMES_PER_2M + 1 };
const slot = (u: Update) => hostOf(u).xen.system.kexec.default;
const flagsIn = (h: Host, frames: Iterable<number>): Set<number> =>
  new Set([...frames].map((f) => h.xen.frames.flags[f] as number));

describe('an image for an update', () => {
  test('takes the slot, with the option that kexec(8) appends (F1.6)', () => {
    const u = updateStep(begin(), load());
    expect(isLoaded(begin())).toBe(false);
    expect(isLoaded(u)).toBe(true);
    expect(u).toMatchObject({ refusals: [], to: { id: '4.17' } });
    expect(slot(u)).toEqual({
      type: 'live_update',
      build: host.xen.build,
      commandLine: 'console=com1 liveupdate=2M@0x200000',
    });
    // With no words of its own the option is all of the line.
    expect(slot(updateStep(begin(), load({}, { commandLine: '' })))?.commandLine).toBe(
      'liveupdate=2M@0x200000',
    );
  });

  test.each([
    ['of a Xen that nobody described', load({ version: '1.0' }), /^Xen 1\.0 is not described/],
    ['whose option Xen cannot read', load({}, { commandLine: 'liveupdate=3M' }), /2 MiB$/],
    ['with a segment on the place of the breadcrumb', load({}, { lowestSegment: 0 }), /\(F1\.3\)$/],
    ['larger than the space it must lie in', load({ imageFrames: 1025 }), /\(R28\)$/],
  ])('%s is refused, and the slot stays empty', (_, event, why) => {
    expect(imageFits(begin(), event)).toBe(false);
    const u = updateStep(begin(), event);
    expect(u.refusals).toHaveLength(1);
    expect(u.refusals[0]).toMatch(why);
    expect(slot(u)).toBeNull();
    expect(u.host).toBe(host);
  });

  test('a segment on any other page is as good as none', () => {
    expect(imageFits(begin(), load({}, { lowestSegment: 1 }))).toBe(true);
    const open = without(defaultDesign, 'F1.3.first-page');
    const u = updateStep(begin(open), load({}, { lowestSegment: 0 }));
    expect(u.place).toMatchObject({ lowestSegment: 0 });
    expect(updateStep(begin(), load()).place).not.toHaveProperty('lowestSegment');
  });

  test('is gone when it is unloaded', () => {
    const u = updateStep(updateStep(begin(), load()), { type: 'kexec.unload' });
    expect(u).toMatchObject({ to: null, place: null, refusals: [] });
    expect(isLoaded(u)).toBe(false);
    expect(hostOf(u)).toEqual(host);
  });
});

describe('a kernel to reboot into', () => {
  const build = host.xen.build;
  test('takes the slot from an image for an update (F1.11, S10)', () => {
    const u = updateStep(updateStep(begin(), load()), {
      type: 'kexec.load_default',
      build,
      commandLine: 'reboot',
    });
    expect(u).toMatchObject({ to: null, place: null });
    expect(slot(u)).toEqual({ type: 'default', build, commandLine: 'reboot' });
    expect(mayExec(u)).toBe(true);
    expect(updateStep(u, { type: 'lu.request' }).refusals).toEqual([
      'no Live Update image is loaded',
    ]);
  });

  test('is booted as a Xen only if it is one, and was loaded as one', () => {
    const no = { type: 'kexec.load_default', build: null, commandLine: '' } as const;
    expect(mayExec(updateStep(begin(), no))).toBe(false);
    expect(mayExec(updateStep(begin(), load()))).toBe(false);
    expect(mayExec(begin())).toBe(false);
    const u = updateStep(begin(), no);
    expect(updateStep(u, { type: 'kexec.exec' })).toBe(u);
  });
});

describe('a request (R11, R13)', () => {
  test('needs an image', () => {
    expect(updateStep(begin(), { type: 'lu.request' }).refusals).toEqual([
      'no Live Update image is loaded',
    ]);
    const u = updateStep(updateStep(begin(), load()), { type: 'lu.request' });
    expect(u.refusals).toEqual([]);
    expect(hostOf(u).xen.domains).toBe(host.xen.domains);
  });

  test('without R13 it holds the domain that asks, and no other', () => {
    const u = updateStep(updateStep(begin(without(defaultDesign, 'R13')), load()), {
      type: 'lu.request',
    });
    expect(hostOf(u).xen.domains[0]?.pausers).toEqual(['lu']);
    expect(hostOf(u).xen.domains[1]?.pausers).toEqual([]);
  });
});

describe('the size of bootmem and of the crash region (Q11, Q15)', () => {
  test.each([
    ['Q11', 'fixed', 'the image would change the size of bootmem (Q11)'],
    ['Q15', 'partition', 'the image would move the border to the crash kernel (Q15)'],
  ] as const)('%s = %s: only an image of the same span fits', (question, answer, why) => {
    const larger = hostWith(['pv'], () => undefined, { bootmemFrames: 1024, imageStart: 1536 });
    const u = newUpdate(larger, version('4.17'), answers({ [question]: answer }));
    expect(updateStep(u, load(LARGER)).refusals).toEqual([why]);
    expect(imageFits(u, load())).toBe(true);
    expect(imageFits(newUpdate(larger, version('4.17'), defaultDesign), load(LARGER))).toBe(true);
  });

  test('Q15 = shared: the image takes the place of the crash kernel, otherwise that stays', () => {
    const image = { type: 'crash', build: null, commandLine: 'panic' } as const;
    const kexec = { default: null, crash: image };
    const h = { ...host, xen: { ...host.xen, system: { ...host.xen.system, kexec } } };
    const crash = (design: Design) =>
      hostOf(updateStep(newUpdate(h, version('4.17'), design), load())).xen.system.kexec.crash;
    expect(crash(answers({ Q15: 'shared' }))).toBeNull();
    expect(crash(defaultDesign)).toEqual(image);
  });
});

describe('an image in the heap (Q10)', () => {
  const open = answers({ Q10: 'anywhere' });
  test('takes its frames out of it, and gives them back', () => {
    const large = hostWith(['pv'], () => undefined, { ramFrames: 5120 });
    const u = updateStep(newUpdate(large, version('4.17'), open), load());
    const { place } = u;
    if (place === null) throw new Error('no place');
    expect(place.image).toEqual(range(endOf(place.bootmem), FRAMES_PER_2M));
    expect(place.bootmem.count).toBe(host.xen.bootmem.count);
    expect(place.bootmem.start % FRAMES_PER_2M).toBe(0);
    const frames = [...framesOf([place.bootmem, place.image])];
    expect(flagsIn(large, frames)).toEqual(new Set([FLAG.free]));
    expect(flagsIn(hostOf(u), frames)).toEqual(new Set([FLAG.reserved]));
    for (const next of [
      { type: 'kexec.unload' },
      { type: 'kexec.load_default', build: null, commandLine: '' },
    ] as const)
      expect(flagsIn(hostOf(updateStep(u, next)), frames)).toEqual(
        new Set([FLAG.free | FLAG.needScrub]),
      );
    // A second image is placed while the first still lies there, as kexec_load() does it.
    const second = updateStep(u, load());
    expect(second.place?.bootmem.start).toBeGreaterThanOrEqual(endOf(place.image));
    expect(flagsIn(hostOf(second), frames)).toEqual(new Set([FLAG.free | FLAG.needScrub]));
  });

  test('lies at the lowest run of free frames on 2 MiB that is long enough', () => {
    const table = (frames: number, taken: readonly number[]) => {
      const t = emptyFrameTable(frames);
      t.flags.fill(FLAG.free);
      for (const f of taken) t.flags[f] = FLAG.reserved;
      return t;
    };
    const at = (frames: number, ...taken: number[]) =>
      placeAnywhere(table(frames, taken), FRAMES_PER_2M, 1);
    const found = (start: number) => ({
      right: { bootmem: range(start, 512), image: range(start + 512, 512) },
    });
    expect(at(1024)).toMatchObject(found(0));
    expect(at(1536, 0)).toMatchObject(found(512));
    expect(at(2560, 511, 1535)).toMatchObject(found(1536));
    expect(at(2560, 0, 1536)).toMatchObject(found(512));
    for (const none of [at(1023), at(1535, 0), at(2559, 511, 1500)])
      expect(none).toMatchObject({
        left: 'no 1024 free frames in a row on 2 MiB for xen#2 (Q10)',
      });
  });
});

describe('memory for the frame table of xen#2 (R25, R26)', () => {
  const reasons = (
    change: (h: Host) => Host,
    build: Partial<XenBuild> = {},
    design = defaultDesign,
  ) => {
    const target = { build: { ...host.xen.build, ...build }, commandLine: '', to: version('4.17') };
    return incompatibilities(change(host), { ...target, design });
  };
  const withoutTable = (h: Host): Host => ({ ...h, xen: { ...h.xen, private: [] } });
  /** RAM up to there: 128 frames of it take one of a frame table. */
  const ramTo = (frames: number) => (h: Host) => ({
    ...h,
    hardware: { ...h.hardware, ram: [range(0, frames)] },
  });
  const ROOM = 512 - 64 - 1;

  test('is the frame table of xen#1, or bootmem without what the boot takes', () => {
    expect(reasons((h) => h)).toEqual([]);
    expect(reasons(withoutTable)).toEqual([]);
    expect(reasons((h) => withoutTable(ramTo(ROOM * 128)(h)))).toEqual([]);
    expect(reasons((h) => withoutTable(ramTo(ROOM * 128 + 1)(h)))).toEqual([
      `no ${ROOM + 1} adjacent frames for xen#2's frame table in bootmem (up to 0x400) ` +
        'or in reusable memory (R25, R26)',
    ]);
    // What xen#1's heap holds does not become free.
    const other = (h: Host): Host => ({
      ...h,
      xen: { ...h.xen, private: [{ use: 'heap', frames: range(1, 1000) }] },
    });
    expect(reasons((h) => other(ramTo(ROOM * 128 + 1)(h)))).toHaveLength(1);
    const table = (h: Host): Host => ({
      ...h,
      xen: { ...h.xen, private: [{ use: 'frametable', frames: range(1, ROOM + 1) }] },
    });
    expect(reasons((h) => table(ramTo(ROOM * 128 + 1)(h)))).toEqual([]);
  });

  test('an image without a place has none either; elsewhere there is as much as xen#1 has', () => {
    expect(reasons((h) => h, { imageFrames: 1025 })).toEqual(['xen#2 has no place (R28)']);
    expect(reasons((h) => h, { imageFrames: 1025 }, answers({ Q10: 'anywhere' }))).toEqual([]);
    expect(reasons((h) => h, { imageFrames: 1025 }, without(defaultDesign, 'R28'))).toEqual([]);
  });
});
