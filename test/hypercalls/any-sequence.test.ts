/** After any sequence of steps from a built host everything that is stored twice agrees. */
import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { eventOf, eventTypes, type Raw } from '../../properties/arbitraries/history/event-of.ts';
import { loadInvariants } from '../../properties/registry.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import type { Host } from '../../src/host/host.ts';
import { settle } from '../../src/host/settle.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { inconsistencies } from './consistency.ts';
import { xen } from './world.ts';

// Without bias: small numbers would mean the first events and domains most of the time.
const raw = fc.noBias(
  fc.tuple(fc.nat(99_999), fc.nat(9_999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999)),
);

const happened = new Map<string, number>();
const start: Readonly<Record<string, Host>> = {
  '4.11': mixedHost({ version: '4.11', rules: xen('4.11').countRules }),
  '4.17': mixedHost(),
  unstable: mixedHost({ version: 'unstable' }),
};

const invariants = await loadInvariants();

const run = (id: string, events: readonly Raw[]): void => {
  const version = xen(id);
  const ctx = { version, design: defaultDesign };
  let host = start[id] as Host;
  for (const numbers of events) {
    const event = eventOf(host, numbers);
    const result = apply(host, event, ctx);
    if (isLeft(result)) {
      const why = result.left;
      if (why !== 'not enabled')
        expect({ event, errno: why.errno }).not.toMatchObject({ errno: 'BUG' });
      continue;
    }
    happened.set(event.type, (happened.get(event.type) ?? 0) + 1);
    host = result.right;
    const faults = inconsistencies(host, version.countRules);
    if (faults.length > 0) throw new Error(`${JSON.stringify(event)}: ${faults.join('; ')}`);
  }
  // Nothing was left undone: counting all references anew changes nothing.
  expect(settle(host, version.countRules)).toEqual(host);
  for (const i of invariants)
    expect({ id: i.id, offenders: i.host?.(host, version).offenders ?? [] }).toEqual({
      id: i.id,
      offenders: [],
    });
};

describe('any sequence of events', () => {
  for (const id of Object.keys(start))
    test(`keeps a host of Xen ${id} consistent, and hits no BUG`, () => {
      fc.assert(
        fc.property(fc.array(raw, { minLength: 20, maxLength: 200, size: 'max' }), (events) => {
          run(id, events);
        }),
        { seed: 4711, numRuns: 60 },
      );
    });

  test('lets almost every event happen', () => {
    const never = eventTypes.filter((type) => !happened.has(type));
    expect(never.length, `never happened: ${never.join(', ')}`).toBeLessThan(8);
  });

  test('leaves the host that it starts from as it was', () => {
    const host = mixedHost();
    const before = structuredClone(host);
    const random = fc.sample(raw, { seed: 1, numRuns: 400 });
    const ctx = { version: xen('4.17'), design: defaultDesign };
    const changed = random.filter((r) => isRight(apply(host, eventOf(host, r), ctx))).length;
    expect(changed).toBeGreaterThan(50);
    expect(host).toEqual(before);
  });
});
