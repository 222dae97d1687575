import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { hostMachine, membersOf } from '../../machines/host.ts';
import { liveUpdate } from '../../machines/live-update.ts';
import rcu from '../../machines/rcu.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { compose } from '../../src/world/compose.ts';
import { ran, version } from '../support/updates.ts';

describe('charts side by side', () => {
  const host = mixedHost();
  const events = ran(host).steps.map((s) => s.event);
  const input = newUpdate(host, version('4.17'), defaultDesign);

  test('lead to the same world, step by step, as the update alone', () => {
    const machine = hostMachine(membersOf(host, [rcu]));
    let [alone] = initialTransition(liveUpdate, input);
    let [together] = initialTransition(machine, input);
    for (const event of events) {
      [alone] = transition(liveUpdate, alone, event);
      [together] = transition(machine, together, event);
      expect((together.value as Record<string, unknown>)['live-update']).toEqual(alone.value);
      expect(together.context.world).toEqual(alone.context.world);
    }
    expect(alone.value).toBe('done');
  });

  test('a follower does not move when the leader does not take the event', () => {
    const machine = hostMachine(membersOf(host, [rcu]));
    const [before] = initialTransition(machine, input);
    const [after] = transition(machine, before, { type: 'lu.jump' });
    expect(after.value).toEqual(before.value);
  });

  test('a guard that a chart does not have, and one place twice, are refused', () => {
    const twice = { ...rcu, places: () => [{}, {}] };
    expect(() => hostMachine(membersOf(host, [twice]))).toThrow('one name');
    const unknown = { ...rcu, says: {} };
    expect(() => compose(liveUpdate, [{ chart: unknown, of: {} }])).toThrow('no guard isWaiting');
  });
});
