/** A domain can be saved at every step of its destruction, and is saved as what it is. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../../src/design/design.ts';
import { versionOf } from '../../../src/design/versions.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { startDying } from '../../../src/host/build/lifecycle.ts';
import { mixedDraft } from '../../../src/host/build/mixed-host.ts';
import type { Host } from '../../../src/host/host.ts';
import { countOwned } from '../../../src/host/references.ts';
import { apply } from '../../../src/hypercalls/apply.ts';
import { ran } from '../../support/updates.ts';
import { domainOf } from './saving.ts';

const version = versionOf('4.17');
if (version === null) throw new Error('4.17 is not described');

/** domain_kill called again and again, as the tool stack does, until nothing changes. */
const destruction = (id: number): Host[] => {
  const draft = mixedDraft();
  startDying(draft, id);
  const hosts = [finish(draft)];
  for (let i = 0; i < 1000; i++) {
    const host = hosts[hosts.length - 1] as Host;
    if (host.xen.domains[id]?.dying !== 'dying') break;
    const next = apply(
      host,
      { type: 'domain.kill', domid: id },
      { version, design: defaultDesign },
    );
    if (isLeft(next)) throw new Error(JSON.stringify(next.left));
    hosts.push(next.right);
  }
  return hosts;
};

describe.each([1, 2, 3])('d%i', (id) => {
  const hosts = destruction(id);

  test('is saved at each step, with just the pages that it still owns', () => {
    expect(hosts.length).toBeGreaterThan(5);
    for (const host of hosts) {
      const d = host.xen.domains[id];
      if (d === undefined) continue;
      const saved = domainOf(host, id);
      expect(saved.DOMAIN_STATE.dying).toBe(d.dying);
      const { tot, xenheap } = countOwned(host, id);
      const { count, kind } = saved.PAGES.runs;
      const ordinary = count.reduce((n, c, i) => n + ((kind[i] as number) & 0x10 ? 0 : c), 0);
      expect([ordinary, saved.XENHEAP.pages.length]).toEqual([tot, xenheap]);
      expect(saved.EVTCHN_PORTS.ports).toHaveLength(Object.keys(d.events.channels).length);
      expect(saved.MAPTRACK.entries).toHaveLength(Object.keys(d.grants.maptrack).length);
    }
  });

  test('is dead in the end, and its last pages are released ones', () => {
    const last = hosts[hosts.length - 1] as Host;
    expect(last.xen.domains[id]?.dying).toBe('dead');
    const { PAGES, XENHEAP } = domainOf(last, id);
    expect(PAGES.runs.kind.every((k) => (k & 0x20) !== 0)).toBe(true);
    expect(XENHEAP.pages.every((p) => p.released)).toBe(true);
    expect(PAGES.runs.start.length + XENHEAP.pages.length).toBeGreaterThan(0);
  });
});

test('what it used ends with it, and is no reason to refuse an update', () => {
  const using = (dying: boolean): Host => {
    const draft = mixedDraft();
    domainAt(draft, 1).domain.unsupported.push('altp2m');
    if (dying) startDying(draft, 1);
    return finish(draft);
  };
  expect(ran(using(false)).outcome.kind).toBe('refused');
  const { outcome, steps } = ran(using(true));
  expect(outcome.kind).toBe('resumed');
  expect(steps.at(-1)?.host.xen.domains[1]).toMatchObject({ dying: 'dead', unsupported: [] });
});
