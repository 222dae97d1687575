/** Taking references away and settling: what falls, and what stays. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { finish } from '../../src/host/build/finish.ts';
import { setTarget } from '../../src/host/build/lifecycle.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { draftOf, FLAG, frameCount, hasFlag, typeOf } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { PGT } from '../../src/host/page-type.ts';
import { settle } from '../../src/host/settle.ts';

const rules = { partialHoldsGeneralRef: true };
const owned = (host: Host, id: number): number[] =>
  Array.from({ length: frameCount(host.xen.frames) }, (_, f) => f).filter(
    (f) => host.xen.frames.owner[f] === id,
  );

describe('settle', () => {
  test('leaves a host at rest as it is', () => {
    const host = mixedHost();
    expect(settle(host, rules)).toEqual(host);
  });

  test('without pin and cr3 a whole tree of tables falls, and its pages stay', () => {
    const draft = buildHost();
    const d = addDomain(draft, { type: 'pv', pages: 40 });
    const host = finish(draft);
    const l4 = d.tables[4][0] as number;
    const frames = draftOf(host.xen.frames);
    frames.flags[l4] = (frames.flags[l4] ?? 0) & ~FLAG.pinned;
    const bare = host.xen.domains[0];
    if (bare === undefined) throw new Error('no d0');
    const vcpus = bare.vcpus.map((v) => ({ ...v, guestTable: null }));
    const after = settle(
      { ...host, xen: { ...host.xen, frames, domains: { 0: { ...bare, vcpus } } } },
      rules,
    );
    for (const level of [1, 2, 3, 4] as const)
      for (const table of d.tables[level]) {
        expect(typeOf(after.xen.frames, table)).toBe(PGT.none);
        expect(after.xen.frames.generalCount[table]).toBe(1);
      }
    expect(after.xen.domains[0]?.totPages).toBe(40);
  });

  test('a dead domain goes with its last page, and lets its target go', () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 20 });
    addDomain(draft, { type: 'pvh', pages: 20 });
    addDomain(draft, { type: 'pvh', pages: 20 });
    setTarget(draft, 2, 1);
    const host = finish(draft);
    const frames = draftOf(host.xen.frames);
    for (const id of [1, 2])
      for (const f of owned(host, id)) frames.flags[f] = (frames.flags[f] ?? 0) & ~FLAG.allocated;
    const domains = { ...host.xen.domains };
    for (const id of [1, 2]) {
      const d = domains[id];
      if (d === undefined) throw new Error(`no d${id}`);
      domains[id] = { ...d, dying: 'dead', p2m: null, sharedInfo: null };
    }
    const pages = [...owned(host, 1), ...owned(host, 2)];
    const after = settle({ ...host, xen: { ...host.xen, frames, domains } }, rules);
    expect(Object.keys(after.xen.domains)).toEqual(['0']);
    expect(after.xen.system.destroying).toEqual([2, 1]);
    expect(after.xen.system.rcu).toHaveLength(2);
    expect(pages.every((f) => hasFlag(after.xen.frames, f, FLAG.free))).toBe(true);
    expect(pages.every((f) => after.hardware.content[f] === undefined)).toBe(true);
  });
});
