/** What is a difference of two hosts, what is not, and how long it takes to tell. */
import { describe, expect, test } from 'vitest';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { DOMID_INVALID } from '../../src/host/constants.ts';
import { diffHosts, EXACT } from '../../src/host/diff.ts';
import { equivalentHosts, sameHost } from '../../src/host/equality.ts';
import { draftOf, emptyFrameTable, FLAG } from '../../src/host/frame-table.ts';
import type { Host } from '../../src/host/host.ts';
import { ACROSS_UPDATE } from '../../src/host/may-change.ts';
import { PGT } from '../../src/host/page-type.ts';

/** A host like `mixedHost()` with one thing changed deep inside. */
const changed = (path: string, value: unknown): Host => {
  const host = structuredClone(mixedHost());
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce(
    (o, k) => o[k] as Record<string, unknown>,
    host as unknown as Record<string, unknown>,
  );
  parent[last] = value;
  return host;
};
const paths = (a: Host, b: Host): string[] => diffHosts(a, b).map((d) => d.path);

describe('diffHosts', () => {
  test('a host and itself, and its like', () => {
    const host = mixedHost();
    expect(diffHosts(host, host)).toEqual([]);
    expect(diffHosts(host, mixedHost(), EXACT)).toEqual([]);
    expect(sameHost(host, mixedHost())).toBe(true);
  });

  test.each([
    ['xen.domains.1.controllerPauseCount', 3],
    ['xen.domains.0.events.channels.3.notifyVcpu', 1],
    ['xen.domains.1.vcpus.0.registers.rax', 5],
    ['xen.domains.2.grants.version', 1],
    ['xen.domains.1.shutdown.code', 2],
    ['xen.domains.0.vcpus.0.timers.periodic', { period: 1, lastEvent: 0 }],
    ['xen.system.virqHandlers.8', 1],
    ['hardware.iommuRoot', null],
  ])('%s is one, named with both values', (path, value) => {
    const host = mixedHost();
    const [first, ...rest] = diffHosts(host, changed(path, value));
    expect(first?.path).toContain(path);
    expect(rest).toEqual([]);
    expect(sameHost(host, changed(path, value))).toBe(false);
  });

  test('a domain, a port or a field that is gone is one', () => {
    const host = mixedHost();
    expect(paths(host, changed('xen.domains.1', undefined))).toEqual(['xen.domains.1']);
    expect(paths(host, changed('xen.domains.0.events.channels.3', undefined))).toEqual([
      'xen.domains.0.events.channels.3',
    ]);
  });

  test('page content, ownership, counts and the M2P', () => {
    const host = mixedHost();
    const f = host.xen.domains[1]?.sharedInfo as number;
    const at = `0x${f.toString(16)}`;
    const other = changed(`hardware.content.${f}.pending`, [9]);
    expect(paths(host, other)[0]).toBe(`hardware.content.${at}.pending.0`);
    const frames = draftOf(host.xen.frames);
    frames.generalCount[f] = 7;
    frames.owner[f] = 2;
    expect(paths(host, { ...host, xen: { ...host.xen, frames } })).toEqual([
      `xen.frames.${at}.owner`,
      `xen.frames.${at}.generalCount`,
    ]);
    const entries = Uint32Array.from(host.hardware.m2p.entries);
    entries[f] = 1;
    const m2p = { ...host.hardware.m2p, entries };
    expect(paths(host, { ...host, hardware: { ...host.hardware, m2p } })).toEqual([
      `hardware.m2p.entries.${at}`,
    ]);
  });

  test('free memory does not matter, unless every bit does', () => {
    const host = mixedHost();
    const frames = draftOf(host.xen.frames);
    const free = frames.flags.indexOf(FLAG.free);
    frames.flags[free] = FLAG.reserved;
    const after = { ...host, xen: { ...host.xen, frames } };
    expect(frames.owner[free]).toBe(DOMID_INVALID);
    expect(equivalentHosts(host, after)).toBe(true);
    expect(sameHost(host, after)).toBe(false);
  });

  test('a type without references does not matter', () => {
    const host = mixedHost();
    const frames = draftOf(host.xen.frames);
    const untyped = frames.typeCount.findIndex((n, i) => n === 0 && frames.owner[i] === 2);
    frames.flags[untyped] = (frames.flags[untyped] as number) | PGT.writable | FLAG.validated;
    expect(equivalentHosts(host, { ...host, xen: { ...host.xen, frames } })).toBe(true);
  });

  test('no path that may change is without effect or without a reason', () => {
    const host = mixedHost();
    for (const { path, reason } of ACROSS_UPDATE) {
      expect(reason.length).toBeGreaterThan(5);
      const concrete = concretePath(host, path);
      const other = changed(concrete, 'something else');
      expect(paths(host, other), path).toEqual([]);
      expect(diffHosts(host, other, EXACT).length, path).toBeGreaterThan(0);
    }
  });

  test('stops at its limit', () => {
    const host = mixedHost();
    const frames = draftOf(host.xen.frames);
    frames.generalCount.fill(9);
    expect(diffHosts(host, { ...host, xen: { ...host.xen, frames } }, { limit: 10 })).toHaveLength(
      10,
    );
  });

  test('the last of 1.3 million frames', () => {
    const host = mixedHost();
    const big = (): Host => {
      const frames = emptyFrameTable(1_300_000);
      frames.owner.fill(1);
      const m2p = { ...host.hardware.m2p, entries: new Uint32Array(1_300_000) };
      return { hardware: { ...host.hardware, m2p }, xen: { ...host.xen, frames } };
    };
    const [a, b] = [big(), big()];
    expect(diffHosts(a, b)).toEqual([]);
    (b.xen.frames.owner as Uint16Array)[1_299_999] = 2;
    expect(diffHosts(a, b)).toHaveLength(1);
  });
});

/** The first place in a host that a pattern names. */
const concretePath = (host: Host, pattern: string): string => {
  const find = (value: unknown, keys: readonly string[]): string[] | null => {
    const [key, ...rest] = keys;
    if (key === undefined) return [];
    if (typeof value !== 'object' || value === null) return null;
    const record = value as Record<string, unknown>;
    for (const k of key === '*' ? Object.keys(record) : key in record ? [key] : []) {
      const below = find(record[k], rest);
      if (below !== null) return [k, ...below];
    }
    return null;
  };
  const path = find(host, pattern.split('.'));
  if (path === null) throw new Error(`nothing in the mixed host is at ${pattern}`);
  return path.join('.');
};
