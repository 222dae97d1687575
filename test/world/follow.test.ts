import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { CHARTS } from '../../machines/charts.ts';
import { hostMachine, membersOf } from '../../machines/host.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { agreementOf, claimText } from '../../src/world/agree.ts';
import { memberName } from '../../src/world/compose.ts';
import { followed, followersAgree, followersOf, stateValue } from '../../src/world/follow.ts';
import { treeOf } from '../../src/world/tree.ts';
import { ran, version } from '../support/updates.ts';

describe('members that are followed one by one', () => {
  const host = mixedHost();
  // A few of each kind: one machine of all of them takes a minute for an update.
  const members = CHARTS.flatMap((c) => membersOf(host, [c]).slice(0, 4));
  const input = newUpdate(host, version('4.17'), defaultDesign);

  test('are in the same states as in the one machine of all, and agree with the host', () => {
    const machine = hostMachine(members);
    let [together] = initialTransition(machine, input);
    let followers = followersOf(members, input);
    for (const { event } of ran(host).steps) {
      const before = together.context.world;
      const one = { ...event };
      [together] = transition(machine, together, one);
      const { world } = together.context;
      followers = followed(followers, before, one, world);
      members.forEach((member, i) => {
        const value = stateValue(treeOf(member.chart.machine), followers.active[i] ?? []);
        expect(value).toEqual((together.value as Record<string, unknown>)[memberName(member)]);
      });
      const agreement = followersAgree(followers, world);
      expect(agreement.broken.map(claimText)).toEqual([]);
      expect(agreement.checked).toBe(agreementOf(together).checked);
    }
  });
});
