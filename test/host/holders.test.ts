/** What holds a reference and what does not, where a host is not as it should be; and in words. */
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { draftOf, FLAG, setFlag } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { mfn } from '../../src/host/ids.ts';
import {
  countOwned,
  deriveCounts,
  describeHolder,
  explainFrame,
  ownsPages,
} from '../../src/host/references.ts';

const rules = { partialHoldsGeneralRef: true };

test.each([
  ['entry', 'entry 0x10[11]'],
  ['partial', 'partial 0x10[11]'],
  ['grant', 'grant map of d16, handle 11'],
  ['foreign', 'foreign map of d16, gfn 0xb'],
  ['allocated', 'allocated (d16)'],
  ['share', 'share (d16)'],
  ['pin', 'pin (d16)'],
  ['fifo', 'fifo of d16 (11)'],
  ['ioreq', 'ioreq of d16 (11)'],
  ['cr3', 'cr3 of d16v11'],
  ['old_guest_table', 'old_guest_table of d16v11'],
  ['gdt', 'gdt of d16v11'],
  ['vcpu_info', 'vcpu_info of d16v11'],
] as const)('%s says where it is', (holder, words) => {
  expect(describeHolder(holder, 16, 11)).toBe(words);
});

describe('a grant that is mapped (F7.5)', () => {
  /** d0 maps a grant of d1, as host and device. */
  const mapped = (guest: 'pv' | 'hvm', readonly = false): { host: Host; frame: number } => {
    let ref = 0;
    const host = hostOf([guest], (draft: HostDraft) => {
      ref = offerGrant(draft, 1, { to: 0, readonly });
      mapGrant(draft, 0, { granter: 1, ref, host: true, device: true });
    });
    return { host, frame: host.xen.domains[1]?.grants.active[ref]?.frame as number };
  };
  const holders = (host: Host, frame: number): string[] =>
    explainFrame(host, rules, frame).filter((line) => line.startsWith('grant'));

  test('holds one reference for each kind of map; the type where it may write', () => {
    const words = (what: string): string => `grant map of d0, handle 0: ${what}`;
    const pv = mapped('pv');
    expect(holders(pv.host, pv.frame)).toEqual([words('general + type'), words('general + type')]);
    const ro = mapped('pv', true);
    expect(holders(ro.host, ro.frame)).toEqual([words('general'), words('general')]);
    // The host map of another, translated domain's page takes no type.
    const hvm = mapped('hvm');
    expect(holders(hvm.host, hvm.frame)).toEqual([words('general + type'), words('general')]);
  });

  test('holds nothing when the granter has gone, or its entry, or it is no page (S30)', () => {
    const { host, frame } = mapped('pv');
    const [d0, d1] = [host.xen.domains[0], host.xen.domains[1]];
    if (d0 === undefined || d1 === undefined) throw new Error('no d0 or d1');
    const with1 = (d: typeof d1 | null) => ({
      ...host,
      xen: { ...host.xen, domains: d === null ? { 0: d0 } : { 0: d0, 1: d } },
    });
    const active = (change: typeof d1.grants.active) =>
      with1({ ...d1, grants: { ...d1.grants, active: change } });
    expect(holders(with1(null), frame)).toEqual([]);
    expect(holders(active({}), frame)).toEqual([]);
    const beyond = host.xen.frames.owner.length;
    const moved = Object.fromEntries(
      Object.entries(d1.grants.active).map(([ref, a]) => [ref, { ...a, frame: mfn(beyond) }]),
    );
    expect(holders(active(moved), beyond)).toEqual([]);
    expect(deriveCounts(active(moved), rules).general).toHaveLength(beyond);
  });
});

describe('pages that hold their owner (F2.14, F8.10, F8.12)', () => {
  const host = hostOf(['pv']);
  const page = (host.xen.frames.owner as Uint16Array).indexOf(1);

  test('in its allowance or extra; of the paging pool none does', () => {
    const none = { domid: 1 as never, totPages: 0 };
    expect(ownsPages(host.xen.frames, { ...none, totPages: 1 })).toBe(true);
    expect(ownsPages(host.xen.frames, none)).toBe(false);
    const frames = draftOf(host.xen.frames);
    setFlag(frames, page, FLAG.pool);
    expect(ownsPages(frames, none)).toBe(false);
    setFlag(frames, page, FLAG.extra);
    expect(ownsPages(frames, none)).toBe(true);
    expect(ownsPages(frames, { ...none, domid: 0 as never })).toBe(false);
  });

  test('are counted as ordinary or as Xen’s; extra ones and the pool are neither', () => {
    const { tot, xenheap } = countOwned(host, 1);
    const d = host.xen.domains[1];
    expect([tot, xenheap]).toEqual([d?.totPages, d?.xenheapPages]);
    expect(tot).toBe(16);
    for (const flag of [FLAG.extra, FLAG.pool]) {
      const frames = draftOf(host.xen.frames);
      setFlag(frames, page, flag);
      expect(countOwned({ ...host, xen: { ...host.xen, frames } }, 1)).toEqual({
        tot: tot - 1,
        xenheap,
      });
    }
  });

  test('the vCPUs of a domain on a wait queue hold it as well (F3.18)', () => {
    const waiting = hostOf(['hvm'], (draft) => {
      for (const v of domainAt(draft, 1).domain.vcpus) v.onWaitQueue = true;
    });
    const calm = hostOf(['hvm']);
    const refcnt = (h: Host): number => h.xen.domains[1]?.refcnt ?? 0;
    expect(refcnt(waiting)).toBe(refcnt(calm) + 1);
  });
});
