/** What xen#2 could not take of a host, said by xen#1 while that costs nothing (R9, S56, S63). */
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../src/design/design.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { setTarget, startDying } from '../../src/host/build/lifecycle.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { FLAG, setFlag } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { incompatibilities } from '../../src/liveupdate/compatibility.ts';
import { asksPolicy, trespasses, trespassText } from '../../src/liveupdate/foreign-rights.ts';
import { version } from '../support/updates.ts';

const reasons = (host: Host, to = '4.17', design: Design = defaultDesign, commandLine = '') =>
  incompatibilities(host, { build: host.xen.build, commandLine, to: version(to), design });

describe('device models that lead back to their own domain (A1, F9.7)', () => {
  const served = (...emulators: readonly (readonly [number, number])[]) =>
    hostOf(['hvm', 'hvm', 'hvm'], (draft) => {
      for (const [target, emulator] of emulators) addIoreqServer(draft, target, { emulator });
    });
  const circle = (id: number): string => `d${id} needs itself to emulate its devices (A1, F9.7)`;

  test('a chain is none, and neither are two ways to one emulator', () => {
    expect(reasons(served([1, 2], [2, 3], [3, 0]))).toEqual([]);
    expect(reasons(served([1, 2], [1, 3], [2, 0], [3, 0]))).toEqual([]);
  });

  test('each domain on a circle is named, and none that only leads to it', () => {
    const host = served([1, 2], [2, 3], [3, 2]);
    expect(reasons(host)).toEqual([circle(2), circle(3)]);
    expect(reasons(host, '4.17', without(defaultDesign, 'A1'))).toEqual([]);
    // The rest may be left unasked; this would never end.
    expect(reasons(host, '4.17', without(defaultDesign, 'R9.refuse'))).toEqual([
      circle(2),
      circle(3),
    ]);
  });

  test('a domain that dies needs nobody', () => {
    const host = hostOf(['hvm', 'hvm'], (draft) => {
      addIoreqServer(draft, 1, { emulator: 2 });
      addIoreqServer(draft, 2, { emulator: 1 });
      startDying(draft, 1);
    });
    expect(reasons(host)).toEqual([circle(2)]);
  });
});

describe('extra pages (F8.2, S63)', () => {
  /** Every domain has one; its kind of page is new in 4.15. */
  const withExtra = (v: string) =>
    hostOf(
      ['pv', 'hvm'],
      (draft) => {
        for (const id of [1, 2])
          setFlag(draft.frames, domainAt(draft, id).pages[9] as number, FLAG.extra);
      },
      { version: v },
    );
  const refused = ['d1: has extra pages, xen#2 allows none in 4.11 (F8.2, S63)'];

  test('of a PV domain a version without them cannot hold', () => {
    expect(reasons(withExtra('4.17'), '4.11')).toEqual(refused);
    expect(reasons(withExtra('4.17'), '4.20')).toEqual([]);
    expect(reasons(withExtra('4.17'), '4.11', without(defaultDesign, 'R9.refuse'))).toEqual([]);
  });

  test('what such a version made itself it can hold', () => {
    expect(reasons(withExtra('4.11'), '4.11')).toEqual([]);
  });
});

describe('foreign mappings that a policy refuses (Q9, F8.20)', () => {
  const foreign = (change: (draft: HostDraft) => void = () => undefined) =>
    hostOf(['pvh', 'pvh'], (draft) => {
      mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[5] as number);
      mapForeignGfn(draft, domainAt(draft, 2), draft.hardware.m2p.frames.start);
      change(draft);
    });
  const said = 'd2 maps a page of d1 at gfn 0x12, to which xen#2 gives it no right';

  test('are those of nobody who controls the owner; pages of Xen are nobody’s to refuse', () => {
    expect(trespasses(foreign()).map(trespassText)).toEqual([said]);
    expect(trespasses(foreign((draft) => setTarget(draft, 2, 1)))).toEqual([]);
  });

  test('are asked for only where xen#2 has a policy of its own; the last word counts', () => {
    const asked = (line: string, Q9: 'early' | 'later' = 'early') =>
      reasons(
        foreign(),
        '4.17',
        { ...defaultDesign, policies: { ...defaultDesign.policies, Q9 } },
        line,
      );
    expect(asked('flask=enforcing')).toEqual([`${said} (Q9, F8.20)`]);
    expect(asked('flask=enforcing', 'later')).toEqual([]);
    for (const line of [
      '',
      'flask=permissive',
      'flask=enforcing x flask=disabled',
      'xflask=enforcing',
    ])
      expect([line, asked(line)]).toEqual([line, []]);
    expect(asksPolicy('console=com1 flask=disabled flask=enforcing')).toBe(true);
  });
});
