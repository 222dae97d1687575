/**
 * Domains of which only pages are left that are not in their allowance, and
 * what an update makes of them (F2.14, F2.16, F8.10, F8.22).
 */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt } from '../../src/host/build/draft.ts';
import { finish } from '../../src/host/build/finish.ts';
import { addTable, pin } from '../../src/host/build/page-tables.ts';
import { PTE, pte } from '../../src/host/content.ts';
import { equivalentHosts } from '../../src/host/equality.ts';
import { FLAG, hasFlag, ownerOf } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { inconsistencies } from '../hypercalls/consistency.ts';
import { updated, version } from '../support/updates.ts';

const dom0 = { caller: 0, vcpu: 0 };
const mapping = { type: 'mmu.update', domid: 0, vcpu: 0, slot: 300 } as const;

/** dom0 and an HVM guest d1, and the L1 table of dom0. */
const start = (id: string): { readonly host: Host; readonly l1: number } => {
  const draft = buildHost({ version: id, rules: version(id).countRules });
  addDomain(draft, { type: 'pv', pages: 32 });
  addDomain(draft, { type: 'hvm', pages: 16 });
  const l1 = domainAt(draft, 0).tables[1][0] as number;
  return { host: finish(draft), l1 };
};

const does = (host: Host, event: HostEvent): Host => {
  const { countRules, id } = version(host.xen.build.version);
  const result = apply(host, event, { version: version(id), design: defaultDesign });
  if (isLeft(result)) throw new Error(`${event.type}: ${JSON.stringify(result.left)}`);
  expect({ event, faults: inconsistencies(result.right, countRules) }).toEqual({
    event,
    faults: [],
  });
  return result.right;
};

/** domain_kill to its end. */
const destroyed = (host: Host, id: number): Host => {
  let now = does(host, { type: 'domctl.destroydomain', ...dom0, domid: id });
  while (now.xen.domains[id]?.dying === 'dying')
    now = does(now, { type: 'domain.kill', domid: id });
  return now;
};

describe.each(VERSIONS.map((v) => v.id))('the last pages of a dead domain, Xen %s', (id) => {
  test('an extra page that the emulator still maps holds its domain, over an update', () => {
    const { host, l1 } = start(id);
    const created = does(host, { type: 'ioreq.create', ...dom0, domid: 1, buffered: false });
    const page = created.xen.domains[1]?.ioreqServers[0]?.ioreqPage as number;
    expect(hasFlag(created.xen.frames, page, FLAG.extra)).toBe(true);
    const mapped = does(created, { ...mapping, table: l1, entry: pte(page, PTE.present | PTE.rw) });
    const zombie = destroyed(mapped, 1);
    expect(zombie.xen.domains[1]).toMatchObject({ dying: 'dead', totPages: 0, refcnt: 1 });
    expect(ownerOf(zombie.xen.frames, page)).toBe(1);

    // A Xen that knows no extra pages cannot take this host over (F8.2).
    const able = VERSIONS.filter((v) => v.layout.extra !== null);
    expect(able.length).toBeGreaterThan(2);
    for (const to of able) {
      const after = updated(zombie, { to: to.id });
      expect(equivalentHosts(zombie, after)).toBe(true);
      // The last to let go of the page is the last to hold the domain.
      const gone = does(after, { ...mapping, table: l1, entry: 0 });
      expect(gone.xen.domains[1]).toBeUndefined();
      expect(hasFlag(gone.xen.frames, page, FLAG.free)).toBe(true);
    }
  });

  test('a P2M table cannot be mapped, so it goes with the P2M', () => {
    const { host, l1 } = start(id);
    const root = host.xen.domains[1]?.p2m?.root as number;
    const event: HostEvent = { ...mapping, table: l1, entry: pte(root, PTE.present) };
    const ctx = { version: version(id), design: defaultDesign };
    expect(apply(host, event, ctx)).toMatchObject({ left: { errno: 'EINVAL' } });
    expect(destroyed(host, 1).xen.domains[1]).toBeUndefined();
  });

  test('a table left partial by a pin goes with its domain', () => {
    const draft = buildHost({ version: id, rules: version(id).countRules });
    addDomain(draft, { type: 'pv', pages: 32 });
    const d = addDomain(draft, { type: 'pv', pages: 32 });
    const l2 = addTable(draft, d, 2, [pte(d.tables[1][0] as number, PTE.present | PTE.rw)]);
    pin(draft, l2);
    const pv = { domid: 1, vcpu: 0 };
    let host = does(finish(draft), { type: 'mmuext.unpin', ...pv, frame: l2, entries: null });
    // Nothing maps the table, so its last reference is the one of its owner's list.
    const at = d.tables[1][0] as number;
    const entries = host.hardware.content[at];
    if (entries?.kind !== 'pagetable') throw new Error('no L1');
    const slot = entries.entries.findIndex((e) => e >>> 4 === l2);
    host = does(host, { type: 'mmu.update', ...pv, table: at, slot, entry: 0 });
    host = does(host, { type: 'mmuext.pin', ...pv, level: 2, frame: l2, entries: 1 });
    expect(hasFlag(host.xen.frames, l2, FLAG.partial)).toBe(true);
    host = destroyed(host, 1);
    expect(host.xen.domains[1]).toBeUndefined();
    expect(hasFlag(host.xen.frames, l2, FLAG.free)).toBe(true);
  });
});
