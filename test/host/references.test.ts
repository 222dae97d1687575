/**
 * Counts worked out by hand from the facts, for each kind of reference. Every
 * test says which holders make the number; none asks the code for it.
 */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { placeVcpuInfo, useFifo } from '../../src/host/build/fifo.ts';
import { finish } from '../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { queueTasklet, setTarget } from '../../src/host/build/lifecycle.ts';
import { takePage } from '../../src/host/build/memory.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import {
  addGdtFrame,
  addLinearEntry,
  addPartialTable,
  addPinnedTable,
  addTable,
  appendEntry,
  mapFrame,
  setOldGuestTable,
} from '../../src/host/build/page-tables.ts';
import { setVirqHandler } from '../../src/host/build/system.ts';
import { PTE, pte } from '../../src/host/content.ts';
import { generalCountOf, typeCountOf, typeOf } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { domid, type Mfn } from '../../src/host/ids.ts';
import { pageTypeName } from '../../src/host/page-type.ts';
import { deriveCounts, explainFrame } from '../../src/host/references.ts';

const OLD = { partialHoldsGeneralRef: false };
const NEW = { partialHoldsGeneralRef: true };

/** [general count, type count, type] of a frame as stored. */
const counts = (host: Host, frame: number): [number, number, string] => [
  generalCountOf(host.xen.frames, frame),
  typeCountOf(host.xen.frames, frame),
  pageTypeName(typeOf(host.xen.frames, frame)),
];

/** Two PV domains, d0 and d1, with one vCPU each. */
const twoPv = (rules = NEW): HostDraft => {
  const draft = buildHost({ rules });
  addDomain(draft, { type: 'pv', pages: 32 });
  addDomain(draft, { type: 'pv', pages: 32 });
  return draft;
};
const page = (draft: HostDraft, id: number, pfn: number): Mfn =>
  domainAt(draft, id).pages[pfn] as Mfn;

describe('F8.4, F8.5: page tables', () => {
  test('an ordinary page: allocated, and its writable L1 entry', () => {
    const draft = twoPv();
    const f = page(draft, 0, 20);
    expect(counts(finish(draft), f)).toEqual([2, 1, 'writable']);
  });

  test('L1, L2, L3 hold one reference of the table above and one of the L1 entry', () => {
    const draft = twoPv();
    const { tables } = domainAt(draft, 0);
    const host = finish(draft);
    // allocated + parent's entry + read-only L1 entry; type: the parent's entry.
    expect(counts(host, tables[1][0] as number)).toEqual([3, 1, 'l1']);
    expect(counts(host, tables[2][0] as number)).toEqual([3, 1, 'l2']);
    expect(counts(host, tables[3][0] as number)).toEqual([3, 1, 'l3']);
  });

  test('a loaded cr3 holds both references, each vCPU its own', () => {
    const draft = buildHost();
    const d = addDomain(draft, { type: 'pv', pages: 16, vcpus: 3 });
    const host = finish(draft);
    // allocated + pin + 3 cr3 + read-only L1 entry; type: pin + 3 cr3.
    expect(counts(host, d.tables[4][0] as number)).toEqual([6, 4, 'l4']);
  });

  test('a user cr3 counts like a kernel one', () => {
    const draft = twoPv();
    const d = domainAt(draft, 0);
    const user = addPinnedTable(draft, d, 4);
    const v = d.domain.vcpus[0];
    if (v !== undefined) v.guestTableUser = user;
    // allocated + pin + cr3 + read-only L1 entry; type: pin + cr3.
    expect(counts(finish(draft), user)).toEqual([4, 2, 'l4']);
  });

  test('a pin is a bit, not a count', () => {
    const draft = twoPv();
    const l1 = addPinnedTable(draft, domainAt(draft, 0), 1);
    // allocated + pin + read-only L1 entry; type: pin.
    expect(counts(finish(draft), l1)).toEqual([3, 1, 'l1']);
  });

  test('an entry that is not present, or maps no RAM, holds nothing', () => {
    const draft = twoPv();
    const l1 = domainAt(draft, 0).tables[1][0] as number;
    const f = page(draft, 1, 20);
    appendEntry(draft, l1, pte(f, PTE.rw));
    appendEntry(draft, l1, pte(0x10_0000, PTE.present | PTE.rw));
    appendEntry(draft, l1, pte(draft.xen.image.start, PTE.present));
    const host = finish(draft);
    expect(counts(host, f)).toEqual([2, 1, 'writable']);
    expect(generalCountOf(host.xen.frames, host.xen.image.start)).toBe(0);
  });

  test('a read-only L1 entry holds no type', () => {
    const draft = twoPv();
    const f = page(draft, 1, 20);
    mapFrame(draft, domainAt(draft, 1), f, { rw: false });
    expect(counts(finish(draft), f)).toEqual([3, 1, 'writable']);
  });

  test('F8.21: a page mapped by another PV domain', () => {
    const draft = twoPv();
    const f = page(draft, 1, 20);
    mapFrame(draft, domainAt(draft, 0), f, { rw: true });
    expect(counts(finish(draft), f)).toEqual([3, 2, 'writable']);
  });

  test('a descriptor table of a vCPU', () => {
    const draft = twoPv();
    const f = addGdtFrame(draft, domainAt(draft, 0), 0);
    // allocated + gdt + read-only L1 entry; type: gdt.
    expect(counts(finish(draft), f)).toEqual([3, 1, 'seg_desc']);
  });
});

describe('F8.6: linear tables', () => {
  test('an entry to itself takes nothing', () => {
    const draft = twoPv();
    const l4 = domainAt(draft, 0).tables[4][0] as number;
    addLinearEntry(draft, l4, l4);
    const host = finish(draft);
    expect(counts(host, l4)).toEqual([4, 2, 'l4']);
    expect(host.xen.frames.linear).toEqual({});
  });

  test('an entry to another table of its level takes one of each', () => {
    const draft = twoPv();
    const d = domainAt(draft, 0);
    const target = d.tables[4][0] as number;
    const user = addPinnedTable(draft, d, 4);
    addLinearEntry(draft, user, target);
    const host = finish(draft);
    expect(counts(host, target)).toEqual([5, 3, 'l4']);
    expect(host.xen.frames.linear).toEqual({ [user]: 1, [target]: -1 });
  });
});

describe('F8.7, F8.8, F8.9: interrupted tables', () => {
  /** An L2 with three L1 children, the first two validated. */
  const interrupted = (rules: typeof NEW) => {
    const draft = twoPv(rules);
    const d = domainAt(draft, 0);
    const children = [0, 1, 2].map(() => addTable(draft, d, 1, []));
    const l2 = addPartialTable(draft, d, { level: 2, children, validated: 2 });
    return { draft, d, children, l2 };
  };

  test('PGT_partial: one type count; a general reference of the flag since XSA-299', () => {
    const now = interrupted(NEW);
    // allocated + flag + read-only L1 entry; type: the flag.
    expect(counts(finish(now.draft), now.l2)).toEqual([3, 1, 'l2']);
    const old = interrupted(OLD);
    expect(counts(finish(old.draft), old.l2)).toEqual([2, 1, 'l2']);
  });

  test('only the entries below nr_validated_ptes are referenced', () => {
    const { draft, children } = interrupted(NEW);
    const host = finish(draft);
    expect(children.map((c) => counts(host, c).slice(0, 2))).toEqual([
      [3, 1],
      [3, 1],
      [2, 0],
    ]);
  });

  test('a partial entry holds a general reference, since XSA-299', () => {
    for (const [rules, expected] of [
      // allocated + flag + partial entry + read-only L1 entry.
      [NEW, [4, 1, 'l2']],
      [OLD, [2, 1, 'l2']],
    ] as const) {
      const { draft, d, l2 } = interrupted(rules);
      addPartialTable(draft, d, { level: 3, children: [], validated: 0, partialEntry: l2 });
      expect(counts(finish(draft), l2)).toEqual(expected);
    }
  });

  test('the same references counted by both rules differ by the references of the flag', () => {
    const { draft, d, l2 } = interrupted(NEW);
    const l3 = addPartialTable(draft, d, {
      level: 3,
      children: [],
      validated: 0,
      partialEntry: l2,
    });
    const host = finish(draft);
    const before = deriveCounts(host, OLD);
    const after = deriveCounts(host, NEW);
    const differing = [...after.general.keys()].filter(
      (f) => before.general[f] !== after.general[f],
    );
    expect(differing).toEqual([l2, l3]);
    expect((after.general[l2] as number) - (before.general[l2] as number)).toBe(2);
    expect((after.general[l3] as number) - (before.general[l3] as number)).toBe(1);
    expect(after.typeCount).toEqual(before.typeCount);
  });

  test('old_guest_table of a whole table: one of each', () => {
    const draft = twoPv();
    const d = domainAt(draft, 0);
    const l1 = addTable(draft, d, 1, []);
    setOldGuestTable(draft, d, 0, l1);
    // allocated + old_guest_table + read-only L1 entry; type: old_guest_table.
    expect(counts(finish(draft), l1)).toEqual([3, 1, 'l1']);
  });

  test('old_guest_table of a partial table: a general reference besides that of the flag', () => {
    const { draft, d, l2 } = interrupted(NEW);
    setOldGuestTable(draft, d, 0, l2);
    expect(counts(finish(draft), l2)).toEqual([4, 1, 'l2']);
  });
});

describe('F7.5: grant maps', () => {
  const map = (
    granter: 'pv' | 'pvh' | 'hvm',
    how: { host?: boolean; device?: boolean; readonly?: boolean },
    mapper: 'other' | 'self' = 'other',
  ): [number, number, string] => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 32 });
    const d = addDomain(draft, { type: granter, pages: 32 });
    const frame = takePage(d);
    // The granter's own mapping of the page goes, so that the grant's references stand alone.
    for (const l1 of d.tables[1]) {
      const content = draft.hardware.content[l1];
      if (content?.kind === 'pagetable') content.entries[d.pages.indexOf(frame)] = 0;
    }
    const to = mapper === 'self' ? 1 : 0;
    const ref = offerGrant(draft, 1, { to, frame });
    mapGrant(draft, to, { granter: 1, ref, ...how });
    return counts(finish(draft), frame);
  };

  // Each has one reference for PGC_allocated.
  test.each([
    ['pv', { host: true }, [2, 1, 'writable']],
    ['pv', { host: true, readonly: true }, [2, 0, 'none']],
    ['pv', { device: true }, [2, 1, 'writable']],
    ['pv', { device: true, readonly: true }, [2, 0, 'none']],
    ['pv', { host: true, device: true }, [3, 2, 'writable']],
    ['pv', { host: true, device: true, readonly: true }, [3, 0, 'none']],
    ['pvh', { host: true }, [2, 0, 'none']],
    ['hvm', { host: true }, [2, 0, 'none']],
    ['hvm', { device: true }, [2, 1, 'writable']],
    ['hvm', { host: true, device: true }, [3, 1, 'writable']],
  ] as const)('%s granter, %o', (granter, how, expected) => {
    expect(map(granter, how)).toEqual(expected);
  });

  test('a translated domain that maps its own grant takes the type', () => {
    expect(map('pvh', { host: true }, 'self')).toEqual([2, 1, 'writable']);
  });

  test('an L1 entry that maps a grant holds nothing itself', () => {
    const draft = twoPv();
    const frame = page(draft, 1, 20);
    mapFrame(draft, domainAt(draft, 0), frame, { rw: true, grant: true });
    expect(counts(finish(draft), frame)).toEqual([2, 1, 'writable']);
  });

  test('two maps of one grant are two references', () => {
    const draft = twoPv();
    const ref = offerGrant(draft, 1, { to: 0 });
    mapGrant(draft, 0, { granter: 1, ref });
    mapGrant(draft, 0, { granter: 1, ref });
    const host = finish(draft);
    const frame = host.xen.domains[1]?.grants.active[ref]?.frame as number;
    // allocated + own L1 entry + two maps.
    expect(counts(host, frame)).toEqual([4, 3, 'writable']);
  });
});

describe('F8.20 and what Xen maps', () => {
  const pvh = () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pvh', pages: 32, vcpus: 2 });
    addDomain(draft, { type: 'pvh', pages: 32 });
    return draft;
  };

  test('an ordinary page of a translated domain: PGC_allocated alone', () => {
    const draft = pvh();
    const f = page(draft, 0, 5);
    expect(counts(finish(draft), f)).toEqual([1, 0, 'none']);
  });

  test('a foreign P2M entry: general, no type', () => {
    const draft = pvh();
    const f = page(draft, 1, 5);
    mapForeignGfn(draft, domainAt(draft, 0), f);
    const host = finish(draft);
    expect(counts(host, f)).toEqual([2, 0, 'none']);
    expect(host.xen.domains[0]?.p2m?.nrForeign).toBe(1);
  });

  test('FIFO array pages and control blocks, vcpu_info, ioreq pages: one of each', () => {
    const draft = pvh();
    useFifo(draft, 0);
    placeVcpuInfo(draft, 0, 1);
    addIoreqServer(draft, 1, { emulator: 0 });
    const host = finish(draft);
    const { vcpus, events } = host.xen.domains[0] ?? { vcpus: [], events: null };
    const server = host.xen.domains[1]?.ioreqServers[0];
    for (const f of [vcpus[0]?.fifo?.control.frame, vcpus[1]?.vcpuInfo?.frame])
      expect(counts(host, f as number)).toEqual([2, 1, 'writable']);
    expect(counts(host, events?.fifoArray[0] as number)).toEqual([2, 1, 'writable']);
    // The emulator's foreign mapping besides.
    for (const f of [server?.ioreqPage, server?.bufioreqPage])
      expect(counts(host, f as number)).toEqual([3, 1, 'writable']);
  });

  test('F8.12: pages shared with their owner and with DOMID_XEN', () => {
    const draft = twoPv();
    const m2p = draft.hardware.m2p.frames.start;
    mapFrame(draft, domainAt(draft, 0), m2p, { rw: false });
    const host = finish(draft);
    expect(counts(host, host.xen.domains[0]?.sharedInfo as number)).toEqual([1, 1, 'writable']);
    expect(counts(host, m2p)).toEqual([2, 1, 'none']);
    expect(counts(host, m2p + 1)).toEqual([1, 1, 'none']);
  });

  test('explainFrame names every holder', () => {
    const draft = twoPv();
    const ref = offerGrant(draft, 1, { to: 0 });
    const handle = mapGrant(draft, 0, { granter: 1, ref });
    const host = finish(draft);
    const frame = host.xen.domains[1]?.grants.active[ref]?.frame as number;
    expect(explainFrame(host, NEW, frame).sort()).toEqual([
      'allocated (d1): general',
      expect.stringMatching(/^entry 0x[0-9a-f]+\[\d+\]: general \+ type$/),
      `grant map of d0, handle ${handle}: general + type`,
    ]);
  });
});

describe('F2.14: references to a domain', () => {
  const refcnt = (change: (draft: HostDraft) => void): number | undefined => {
    const draft = twoPv();
    change(draft);
    return finish(draft).xen.domains[1]?.refcnt;
  };

  test('creation, ordinary pages, xenheap pages', () => {
    expect(refcnt(() => undefined)).toBe(3);
  });
  test('a global VIRQ handler, a domain whose target it is, a hypercall in a tasklet', () => {
    expect(refcnt((draft) => setVirqHandler(draft, 8, 1))).toBe(4);
    expect(refcnt((draft) => setTarget(draft, 0, 1))).toBe(4);
    const vcpu = { domid: domid(1), vcpu: 0 };
    const work = 'continue_hypercall';
    expect(refcnt((draft) => queueTasklet(draft, { work, softirq: false, vcpu }))).toBe(4);
  });
});

test('I8.5: a page that is writable and a page table is a conflict', () => {
  const draft = twoPv();
  const d = domainAt(draft, 0);
  const l4 = d.tables[4][0] as number;
  const host = finish(draft);
  const l1 = d.tables[1][0] as number;
  const content = host.hardware.content[l1];
  if (content?.kind === 'pagetable')
    content.entries[d.pages.indexOf(l4 as Mfn)] = pte(l4, PTE.present | PTE.rw);
  expect(deriveCounts(host, NEW).conflicts).toEqual([l4]);
});
