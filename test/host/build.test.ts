/** The builder makes what it says it makes: consistent hosts, the same each time. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { BuildError } from '../../src/host/build/draft.ts';
import { finish } from '../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { addTable } from '../../src/host/build/page-tables.ts';
import { numericEntries } from '../../src/host/codec.ts';
import { PTE, pte } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import { FLAG, flagsOf, frameCount } from '../../src/host/frame-table.ts';
import type { Mfn } from '../../src/host/ids.ts';
import { countOwned, deriveCounts, deriveDomainRefs } from '../../src/host/references.ts';
import type { Tasklet } from '../../src/host/system.ts';

const RULES = { partialHoldsGeneralRef: true };

describe('mixedHost', () => {
  test('stores exactly the counts that follow from its references', () => {
    const host = mixedHost();
    const derived = deriveCounts(host, RULES);
    expect(derived.conflicts).toEqual([]);
    expect(host.xen.frames.generalCount).toEqual(derived.general);
    expect(host.xen.frames.typeCount).toEqual(derived.typeCount);
    for (const [id, d] of numericEntries(host.xen.domains)) {
      const owned = countOwned(host, id);
      expect([d.totPages, d.xenheapPages]).toEqual([owned.tot, owned.xenheap]);
      expect(d.refcnt).toBe(deriveDomainRefs(host, d));
    }
  });

  test('holds a domain for what holds it: its life, its pages, the hypercalls in tasklets', () => {
    const host = mixedHost();
    const refs = (id: number, tasklets: readonly Tasklet[] = []): number => {
      const system = { ...host.xen.system, tasklets };
      const changed = { ...host, xen: { ...host.xen, system } };
      return deriveDomainRefs(changed, changed.xen.domains[id] as Domain);
    };
    // A PV guest: until it is dead, for ordinary pages, for xenheap pages; the zombie for its pages.
    expect([refs(1), refs(4)]).toEqual([3, 1]);
    const work = {
      id: 0,
      work: 'continue_hypercall',
      softirq: false,
      vcpu: { domid: 1, vcpu: 0 },
      result: 0,
    } as unknown as Tasklet;
    expect(refs(1, [{ ...work, scheduledOn: 0, running: false }])).toBe(4);
    expect(refs(1, [{ ...work, scheduledOn: null, running: true }])).toBe(4);
    expect(refs(1, [{ ...work, scheduledOn: null, running: false }])).toBe(3);
  });

  test('has one domain of each kind and a zombie, within 2000 frames', () => {
    const host = mixedHost();
    const domains = Object.values(host.xen.domains);
    expect(domains.map((d) => d.type)).toEqual(['pv', 'pv', 'pvh', 'hvm', 'pv']);
    expect(domains.map((d) => d.dying)).toEqual(['alive', 'alive', 'alive', 'alive', 'dead']);
    expect(frameCount(host.xen.frames)).toBeLessThan(2000);
  });

  test('its zombie owns just the two pages that dom0 maps, without PGC_allocated', () => {
    const host = mixedHost();
    const zombie = host.xen.domains[4];
    expect(zombie).toMatchObject({ totPages: 2, xenheapPages: 0, refcnt: 1, pauseCount: 1 });
    const owned = [...(host.xen.frames.owner as Uint16Array)].flatMap((o, f) =>
      o === 4 ? [f] : [],
    );
    for (const f of owned) expect(flagsOf(host.xen.frames, f) & FLAG.allocated).toBe(0);
    expect(owned.map((f) => host.xen.frames.generalCount[f])).toEqual([1, 1]);
  });

  test('is the same host each time', () => {
    expect(mixedHost()).toEqual(mixedHost());
  });
});

describe('buildHost', () => {
  test('refuses a page that would be writable and a page table at once', () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16 });
    const guest = addDomain(draft, { type: 'pv', pages: 16 });
    const ref = offerGrant(draft, 1, { to: 0, frame: guest.tables[4][0] as Mfn });
    mapGrant(draft, 0, { granter: 1, ref });
    expect(() => finish(draft)).toThrow(BuildError);
  });

  test('makes tables read-only in the tables that map them', () => {
    const draft = buildHost();
    const d = addDomain(draft, { type: 'pv', pages: 16 });
    const host = finish(draft);
    const l4 = d.tables[4][0] as number;
    // allocated, pin, cr3 of one vCPU, the read-only L1 entry; type: pin and cr3.
    expect(host.xen.frames.generalCount[l4]).toBe(4);
    expect(host.xen.frames.typeCount[l4]).toBe(2);
  });

  test('a table that nothing refers to is not validated, nor what only it refers to', () => {
    const draft = buildHost();
    const d = addDomain(draft, { type: 'pv', pages: 16 });
    const l1 = addTable(draft, d, 1, []);
    const l2 = addTable(draft, d, 2, [pte(l1, PTE.present | PTE.rw)]);
    const { frames } = finish(draft).xen;
    // PGC_allocated and the L1 entry: they are ordinary pages again.
    expect([l1, l2].map((f) => frames.generalCount[f])).toEqual([2, 2]);
    expect([l1, l2].map((f) => frames.typeCount[f])).toEqual([0, 0]);
    expect([l1, l2].map((f) => flagsOf(frames, f) & FLAG.validated)).toEqual([0, 0]);
  });

  test('says when memory is used up', () => {
    const draft = buildHost({ ramFrames: 1600 });
    expect(() => addDomain(draft, { type: 'pv', pages: 2000 })).toThrow(/out of memory/);
  });

  test.each([
    { imageStart: 1000 },
    { imageStart: 512 },
    { ramFrames: 1200 },
    { bootmemFrames: 100 },
  ])('refuses a layout that Xen could not have: %o', (options) => {
    expect(() => buildHost(options)).toThrow(BuildError);
  });
});
