/** What every arbitrary of hosts and histories must keep. */
import fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { RandomHost } from '../../../properties/arbitraries/host/arbitrary.ts';
import { isSmaller } from '../../../properties/arbitraries/host/plan.ts';
import { smallerPlans } from '../../../properties/arbitraries/host/shrink.ts';
import { historyArbitrary, hostArbitrary } from '../../../properties/arbitraries/index.ts';
import { judgeHost, loadInvariants } from '../../../properties/registry.ts';
import type { XenVersion } from '../../../src/design/versions.ts';
import { type Host, HostCodec } from '../../../src/host/host.ts';
import { inconsistencies } from '../../hypercalls/consistency.ts';

const invariants = await loadInvariants();

/** Why this is no host that a Xen could be in; empty: it is one. */
const faultsOf = (host: Host, version: XenVersion): readonly string[] => [
  ...inconsistencies(host, version.countRules),
  ...judgeHost(invariants, host, version).flatMap((j) =>
    (j.detail ?? []).map((d) => `${j.id} ${d}`),
  ),
];

describe('a random host', () => {
  const hosts = fc.sample(hostArbitrary(), { seed: 11, numRuns: 150 });

  test('is the same for the same seed', () => {
    const again = fc.sample(hostArbitrary(), { seed: 11, numRuns: 20 });
    expect(again.map((h) => h.plan)).toEqual(hosts.slice(0, 20).map((h) => h.plan));
    expect(again.map((h) => h.host)).toEqual(hosts.slice(0, 20).map((h) => h.host));
  });

  test('is consistent, and every invariant of hosts at rest holds', () => {
    for (const h of hosts)
      expect({ is: h.describe(), faults: faultsOf(h.host, h.plan.version) }).toEqual({
        is: h.describe(),
        faults: [],
      });
  });

  test('passes the codec, there and back', () => {
    for (const h of hosts.slice(0, 40)) {
      const json = JSON.parse(JSON.stringify(HostCodec.encode(h.host as never)));
      const back = HostCodec.decode(json);
      expect(isRight(back) && back.right).toEqual(h.host);
    }
  });

  test('shrinks to hosts that are as good, and strictly smaller', () => {
    let tried = 0;
    for (const h of hosts.slice(0, 8)) {
      const smaller = [...smallerPlans(h.plan)];
      for (const plan of smaller) expect(isSmaller(plan, h.plan)).toBe(true);
      for (const plan of smaller.filter((_, i) => i % 13 === 0)) {
        tried++;
        expect(faultsOf(new RandomHost(plan).host, plan.version)).toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(40);
  });

  test('is described in lines that fit a mail', () => {
    for (const h of hosts)
      for (const line of h.describe()) expect(line.length).toBeLessThanOrEqual(75);
  });
});

describe('a random history', () => {
  const histories = fc.sample(historyArbitrary(), { seed: 12, numRuns: 60 });

  test('is the same for the same seed', () => {
    const again = fc.sample(historyArbitrary(), { seed: 12, numRuns: 10 });
    expect(again.map((h) => h.play())).toEqual(histories.slice(0, 10).map((h) => h.play()));
  });

  test('leads to a host that is as good', () => {
    for (const h of histories)
      expect({ is: h.describe(), faults: faultsOf(h.play().host, h.start.plan.version) }).toEqual({
        is: h.describe(),
        faults: [],
      });
  });
});
