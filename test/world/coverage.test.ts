import { describe, expect, test } from 'vitest';
import { liveUpdate } from '../../machines/live-update.ts';
import rcu from '../../machines/rcu.ts';
import { nextTeam, startTeam } from '../../machines/team.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { finish } from '../../src/host/build/finish.ts';
import { queueRcu } from '../../src/host/build/lifecycle.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { Coverage } from '../../src/world/coverage.ts';
import { version } from '../support/updates.ts';

describe('coverage of machines', () => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16 });
  queueRcu(draft, 'pirq');
  const input = newUpdate(finish(draft), version('4.17'), defaultDesign);

  test('names what no run has reached, and no longer what one has', () => {
    const coverage = new Coverage([rcu.machine]);
    const [before] = coverage.report();
    expect(before).toMatchObject({ machine: 'rcu', states: 4, transitions: 6, guards: 3 });
    expect(before?.dark).toHaveLength(4 + 6 + 2 * 3);
    const team = startTeam([{ chart: rcu, of: {} }], input, coverage.observer);
    coverage.sees(team.followers);
    nextTeam(team, { type: 'rcu.run' }, coverage.observer);
    expect(coverage.report()[0]?.dark).toEqual([
      'state rcu.quiet',
      'transition rcu.looking always 1',
      'transition rcu.quiet * 0',
      'transition rcu.waiting kexec.exec 0',
      'transition rcu.waiting lu.jump 0',
      'guard rcu.looking always 0 isWaiting: never false',
      'guard rcu.quiet * 0 becomesWaiting: never true',
      'guard rcu.quiet * 0 becomesWaiting: never false',
      'guard rcu.waiting lu.jump 0 becomesQuiet: never true',
      'guard rcu.waiting lu.jump 0 becomesQuiet: never false',
    ]);
  });

  test('walks through the microsteps of the machine that leads', () => {
    const coverage = new Coverage([liveUpdate]);
    const { update } = startTeam([], input);
    coverage.offered(liveUpdate, update, { type: 'rcu.run' });
    coverage.offered(liveUpdate, update, { type: 'tasklet.run', id: 7 });
    const { build } = input.host?.xen ?? {};
    if (build === undefined) throw new Error('a host is there');
    const load = { type: 'kexec.load', build, commandLine: '' } as const;
    coverage.offered(liveUpdate, update, load);
    const loaded = nextTeam({ update, followers: { members: [], active: [] } }, load).update;
    coverage.offered(liveUpdate, loaded, { type: 'lu.request' });
    const dark = coverage.report()[0]?.dark ?? [];
    // `checking` is left at once, for `quiescing`, which has to wait for the callback.
    for (const lit of ['idle', 'loaded', 'checking', 'quiescing'])
      expect(dark).not.toContain(`state live-update.${lit}`);
    expect(dark).not.toContain('guard live-update.idle * 0 happens: never true');
    expect(dark).not.toContain('guard live-update.idle * 0 happens: never false');
    expect(dark).toContain('guard live-update.checking always 0 isRefused: never true');
  });
});
