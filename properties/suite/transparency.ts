/** Transparency: nobody can tell a life with updates from the same life without them. */
import fc from 'fast-check';
import { left, right } from 'fp-ts/lib/Either.js';
import { VERSIONS } from '../../src/design/versions.ts';
import { rawEvent } from '../arbitraries/history/arbitrary.ts';
import { historyArbitrary } from '../arbitraries/index.ts';
import { property } from './property.ts';
import { play, type Round } from './two-worlds.ts';

/** Updates in a row, up and down in version, each followed by what guests do. */
const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    to: fc.constantFrom(...VERSIONS),
    events: fc.array(rawEvent, { maxLength: 60, size: 'max' }),
  }),
  { minLength: 1, maxLength: 4, size: 'max' },
);

export const transparency = property({
  id: 'transparency',
  title: 'Nobody notices one update, or four in a row',
  says:
    'For any host, any history and any moment, a run with one to four updates up and down in ' +
    'version tells and shows every guest what the same run without them does. What may differ is ' +
    'listed with its reasons in may-notice.ts.',
  sources: ['R5', 'VER-1', 'I3.2', 'EVT-1'],
  runs: 120,
  arbitrary: fc.record({
    // Tables that no vCPU is about to finish would be dropped by one world only (Q6).
    history: historyArbitrary({ maxEvents: 40, without: ['partial', 'old-table'] }),
    rounds,
  }),
  describe: ({ history, rounds: all }) => [
    ...history.describe(),
    ...all.map(({ to, events }) => `updated to Xen ${to.id}, then ${events.length} random events`),
  ],
  check: ({ history, rounds: all }, design) => {
    const { noticed, updates, pairs, refused, compared } = play(history.play().host, all, design);
    if (noticed.length > 0) return left({ invariants: ['VER-1'], what: noticed, trace: null });
    const carried = Object.fromEntries(pairs.map((pair) => [`${pair} resumed`, 1]));
    const met = {
      ...carried,
      [`${updates} updates in a row`]: 1,
      refused,
      'events compared': compared,
    };
    return right({ checked: {}, met });
  },
});
