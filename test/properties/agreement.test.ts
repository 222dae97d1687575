import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersOf, membersToCome } from '../../machines/host.ts';
import { nextTeam, startTeam, teamAgrees } from '../../machines/team.ts';
import { AGREEMENT, disagreements } from '../../properties/agreement.ts';
import { rawEvent } from '../../properties/arbitraries/history/arbitrary.ts';
import { hostArbitrary } from '../../properties/arbitraries/index.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { newUpdate } from '../../src/liveupdate/update.ts';
import { nextInLife } from '../../src/trace/life.ts';

describe(`${AGREEMENT.id}: charts and host tell the same`, () => {
  const happened = new Set<string>();
  let checked = 0;

  test('in every state of any life of any host', () => {
    fc.assert(
      fc.property(
        hostArbitrary({ maxDomains: 4, maxParts: 20, maxPages: 40 }),
        fc.array(rawEvent, { minLength: 60, maxLength: 160, size: 'max' }),
        ({ host, plan }, raws) => {
          const image = { build: host.xen.build, commandLine: 'console=com1' };
          const members = [...membersOf(host), ...membersToCome(host)];
          let team = startTeam(members, newUpdate(host, plan.version, defaultDesign));
          const told = (what: string): void => {
            const agreement = teamAgrees(team);
            checked += agreement.checked;
            expect(disagreements(agreement), what).toEqual([]);
          };
          told('at the start');
          for (const raw of raws) {
            const event = nextInLife(team.update, image, raw);
            const next = event === null ? team : nextTeam(team, event);
            if (event === null || next === team) continue;
            team = next;
            happened.add(event.type);
            told(JSON.stringify(event));
          }
        },
      ),
      { seed: 17, numRuns: 40, endOnFailure: true },
    );
  });

  test('and those lives were full', () => {
    expect(checked).toBeGreaterThan(100_000);
    expect(happened.size).toBeGreaterThan(70);
  });
});
