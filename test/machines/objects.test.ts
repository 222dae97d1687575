/**
 * The charts of ports, grants, requests, pages and of the update's own
 * things, each driven beside the update through lives in which all of it
 * happens: every state is entered, every transition taken, every guard seen
 * to hold and not to hold, and in every state the host says the same.
 */
import { describe, expect, test } from 'vitest';
import eventChannel from '../../machines/event-channel.ts';
import evtchnReset from '../../machines/evtchn-reset.ts';
import grant from '../../machines/grant.ts';
import { membersOf, membersToCome } from '../../machines/host.ts';
import iommu from '../../machines/iommu.ts';
import ioreq from '../../machines/ioreq.ts';
import kexecSlot from '../../machines/kexec-slot.ts';
import pageType from '../../machines/page-type.ts';
import pagingDomctl from '../../machines/paging-domctl.ts';
import pvMm from '../../machines/pv-mm.ts';
import restoreDomain from '../../machines/restore-domain.ts';
import { nextTeam, startTeam, teamAgrees } from '../../machines/team.ts';
import { disagreements } from '../../properties/agreement.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import type { AnyChart } from '../../src/world/chart.ts';
import { type Member, memberName } from '../../src/world/compose.ts';
import { Coverage } from '../../src/world/coverage.ts';
import { followersOf } from '../../src/world/follow.ts';
import { expectPage } from './coverage/table.ts';
import { objectLives } from './objects/all.ts';
import type { Life } from './support/lives.ts';

const CHARTS: readonly AnyChart[] = [
  grant,
  eventChannel,
  evtchnReset,
  ioreq,
  pageType,
  pvMm,
  pagingDomctl,
  kexecSlot,
  iommu,
  restoreDomain,
];
const LIVES = objectLives();

const coverage = new Coverage(CHARTS.map((c) => c.machine));
const { observer } = coverage;

/**
 * Follows a life. Whoever begins to look at any of its moments finds every
 * member where those know it to be that have looked from the start.
 */
const follow = ({ host, from, design, events }: Life): readonly string[] => {
  const members = [...membersOf(host, CHARTS), ...membersToCome(host, CHARTS)];
  let team = startTeam(members, newUpdate(host, from, design), observer);
  coverage.sees(team.followers);
  let broken = disagreements(teamAgrees(team));
  for (const event of events) {
    const before = team;
    team = nextTeam(team, { ...event }, observer);
    if (team === before) continue;
    coverage.sees(team.followers);
    const { active } = followersOf(members, team.update.context.world, observer);
    const lost = active.findIndex((a, i) => a.join() !== team.followers.active[i]?.join());
    broken = [
      ...disagreements(teamAgrees(team)),
      ...(lost < 0 ? [] : [`${memberName(members[lost] as Member)} is looked for in vain`]),
    ];
    if (broken.length > 0) return [JSON.stringify(event), ...broken];
  }
  return broken;
};

test.each(LIVES.map((l) => [l.name, l] as const))('%s: charts and host tell the same', (_, l) => {
  expect(follow(l)).toEqual([]);
});

describe.each(CHARTS.map((c) => c.name))('%s', (name) => {
  test('no state, no transition and no answer of a guard is dark', () => {
    const found = coverage.report().find((r) => r.machine === name);
    expect(found?.transitions).toBeGreaterThan(3);
    expect(found?.dark).toEqual([]);
  });
});

test('docs/machines.md says what these lives reach', () => {
  expectPage('lives', coverage.report());
});
