import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { finish } from '../../src/host/build/finish.ts';
import { queueTasklet, startDying } from '../../src/host/build/lifecycle.ts';
import { mixedDraft, mixedHost } from '../../src/host/build/mixed-host.ts';
import {
  addLinearEntry,
  addPartialTable,
  addPinnedTable,
  setOldGuestTable,
} from '../../src/host/build/page-tables.ts';
import { DOMCTL, HYPERVISOR, VIRQ } from '../../src/host/constants.ts';
import { FLAG, frameCount, hasFlag, ownerOf } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { type World, world, xen } from './world.ts';

const destroy = (domid: number) =>
  ({ type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid }) as const;

/** Phases until the domain is dead or gone. */
const killAll = (w: World, domid: number): string[] => {
  const phases: string[] = [];
  while (w.host().xen.domains[domid]?.dying === 'dying') {
    w.does({ type: 'domain.kill', domid });
    phases.push(w.host().xen.domains[domid]?.teardown.phase ?? 'gone');
    expect(phases.length).toBeLessThan(30);
  }
  return phases;
};

const owned = (host: Host, domid: number): number[] => {
  const found: number[] = [];
  for (let f = 0; f < frameCount(host.xen.frames); f++)
    if (ownerOf(host.xen.frames, f) === domid) found.push(f);
  return found;
};

describe('domctl.destroydomain', () => {
  test('pauses for ever, and leaves the caller on the instruction', () => {
    const w = world(mixedHost());
    const before = w.d(1).pauseCount;
    w.does(destroy(1));
    expect(w.d(1)).toMatchObject({ dying: 'dying', pauseCount: before + 1, pausers: ['dying'] });
    expect(w.v(0, 0).registers).toMatchObject({
      rax: HYPERVISOR.domctl,
      rdi: DOMCTL.destroydomain,
      rsi: 1,
      atHypercall: true,
    });
  });

  test('is refused to the domain itself, to guests and for nobody', () => {
    const w = world(mixedHost());
    w.refuses(destroy(0), 'EINVAL');
    w.refuses(destroy(77), 'ESRCH');
    w.refuses({ ...destroy(2), caller: 1 }, 'EPERM');
  });

  test('of a zombie returns 0 and changes nothing else', () => {
    const w = world(mixedHost());
    w.does(destroy(4));
    expect(w.v(0, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
    expect(w.d(4).dying).toBe('dead');
  });
});

describe('domain.kill', () => {
  for (const id of ['4.11', '4.15', '4.17', '4.20', 'unstable'])
    test(`follows the order of Xen ${id}, for every type of domain`, () => {
      const version = xen(id);
      for (const domid of [1, 2, 3]) {
        const draft = mixedDraft({ version: id, rules: version.countRules });
        const w = world(finish(draft), version);
        w.does(destroy(domid));
        const phases = killAll(w, domid);
        const [first, ...later] = version.teardownOrder;
        expect(first).toBe('gnttab_mappings');
        expect(phases.slice(0, later.length)).toEqual(later);
        expect(['done', 'gone']).toContain(phases.at(-1));
        expect(w.v(0, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
      }
    });

  test('leaves a zombie that owns what dom0 maps, until the last map goes', () => {
    const w = world(mixedHost());
    w.does(destroy(1));
    killAll(w, 1);
    const pages = owned(w.host(), 1);
    expect(w.d(1)).toMatchObject({ dying: 'dead', totPages: pages.length, refcnt: 1 });
    expect(pages).toEqual(Object.values(w.d(1).grants.active).map((a) => a.frame));
    w.refuses({ type: 'domain.kill', domid: 1 }, 'not enabled');
  });

  test('frees a domain that nobody refers to, and RCU its domid', () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 40 });
    addDomain(draft, { type: 'pv', pages: 30, vcpus: 2 });
    const w = world(finish(draft));
    const free = (h: Host) =>
      Array.from({ length: frameCount(h.xen.frames) }, (_, f) => f).filter((f) =>
        hasFlag(h.xen.frames, f, FLAG.free),
      ).length;
    const before = free(w.host());
    const pages = owned(w.host(), 1);
    expect(pages.length).toBeGreaterThan(30);
    w.does(destroy(1));
    killAll(w, 1);
    expect(w.host().xen.domains[1]).toBeUndefined();
    expect(w.host().xen.system.destroying).toEqual([1]);
    expect(free(w.host())).toBe(before + pages.length);
    expect(pages.every((f) => hasFlag(w.host().xen.frames, f, FLAG.needScrub))).toBe(true);
    w.does({ type: 'rcu.run' });
    expect(w.host().xen.system).toMatchObject({ destroying: [], rcu: [] });
    w.refuses({ type: 'rcu.run' }, 'not enabled');
  });

  test('turns the ports of peers to unbound, and tells the tool stack', () => {
    const w = world(mixedHost());
    const bound = () =>
      Object.values(w.d(0).events.channels).filter(
        ({ binding: b }) => b.state === 'interdomain' && b.remoteDomid === 3,
      ).length;
    const toUs = bound();
    expect(toUs).toBeGreaterThan(1);
    w.does(destroy(3));
    killAll(w, 3);
    expect(bound()).toBe(0);
    const port = w.v(0, 0).virqToPort[VIRQ.DOM_EXC] as number;
    const words = contentOf(w.host().hardware, w.d(0).events.fifoArray[0] as number, 'fifo-array');
    expect(((words?.words[port] ?? 0) >>> 31) & 1).toBe(1);
  });

  test('breaks linear tables, cleans partial ones and the deferred put', () => {
    for (const id of ['4.11', '4.17']) {
      const version = xen(id);
      const draft = buildHost({ version: id, rules: version.countRules });
      addDomain(draft, { type: 'pv', pages: 10 });
      const d = addDomain(draft, { type: 'pv', pages: 60, vcpus: 2 });
      const l2 = addPinnedTable(draft, d, 2);
      addLinearEntry(draft, l2, d.tables[2][0] as number);
      addLinearEntry(draft, d.tables[4][0] as number, d.tables[4][0] as number);
      // A circle, as no Xen since XSA-240 would let a guest make it.
      const [one, two] = [addPinnedTable(draft, d, 3), addPinnedTable(draft, d, 3)];
      addLinearEntry(draft, one, two);
      addLinearEntry(draft, two, one);
      // A partial table that only its own flag holds.
      addPartialTable(draft, d, { level: 2, children: [...d.tables[1]], validated: 1 });
      const children = d.tables[1];
      const inner = addPartialTable(draft, d, { level: 2, children: [...children], validated: 1 });
      const outer = addPartialTable(draft, d, {
        level: 3,
        children: [d.tables[2][0] as number],
        validated: 1,
        partialEntry: inner,
      });
      setOldGuestTable(draft, d, 1, outer);
      const w = world(finish(draft), version);
      w.does(destroy(1));
      killAll(w, 1);
      expect(w.host().xen.domains[1]).toBeUndefined();
      expect(owned(w.host(), 1)).toEqual([]);
    }
  });

  test('starts over when another Xen left a phase that this one does not have', () => {
    const draft = mixedDraft();
    startDying(draft, 1, 'mappings');
    const w = world(finish(draft));
    const phases = killAll(w, 1);
    expect(phases[0]).toBe('vcpu_teardown');
    expect(w.d(1).dying).toBe('dead');
  });

  test('keeps a domain in the list while a tasklet works for it', () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 10 });
    addDomain(draft, { type: 'pv', pages: 10 });
    const id = queueTasklet(draft, {
      work: 'continue_hypercall',
      softirq: false,
      vcpu: { domid: 1 as never, vcpu: 0 },
      result: -16,
    });
    const w = world(finish(draft));
    w.does(destroy(1));
    killAll(w, 1);
    expect(w.d(1)).toMatchObject({ dying: 'dead', refcnt: 1, totPages: 0 });
    w.does({ type: 'tasklet.run', id });
    expect(w.host().xen.domains[1]).toBeUndefined();
  });
});
