/** Hosts built by commands that a second, smaller model follows; then the update. */
import fc from 'fast-check';
import { either, left } from 'fp-ts/lib/Either.js';

import {
  type Commands,
  Disagreement,
  hostCommands,
  realHost,
  runCommands,
} from '../arbitraries/commands.ts';
import { eventText } from '../arbitraries/history/arbitrary.ts';
import { hostArbitrary, type RandomHost } from '../arbitraries/index.ts';
import { judgeHost } from '../registry.ts';
import { describeImage, type Image, imageArbitrary } from './image.ts';
import { invariants, run, verdictOf } from './judged.ts';
import { addEvidence, property } from './property.ts';

interface Case {
  readonly start: RandomHost;
  readonly commands: Commands;
  readonly image: Image;
}

/**
 * Runs the commands. After each one the host is judged, so that a case ends at
 * the command that breaks it; `wrong` is what it broke, or what the model denies.
 */
const play = ({ start, commands }: Case) => {
  const { version } = start.plan;
  const real = realHost(start.host, version, {
    judge: (host) =>
      judgeHost(invariants, host, version).flatMap((j) =>
        (j.detail ?? []).map((what) => ({ invariant: j.id, what })),
      ),
  });
  try {
    runCommands(commands, real);
    return { real, wrong: null };
  } catch (error) {
    if (!(error instanceof Disagreement)) throw error;
    return { real, wrong: error };
  }
};

export const commands = property<Case>({
  id: 'commands',
  title: 'Guests and tools get what a smaller model says',
  says:
    'Each hypercall and each event does to a host, or is refused, what a model of counts and ' +
    'states says of it on its own, and leaves a host of which every invariant holds; and the ' +
    'update of the host that they lead to holds as in round-trip.',
  sources: ['F2', 'F3', 'F5', 'F6', 'F7', 'F8', 'F9', 'VER-1', 'PNR-2'],
  runs: 40,
  shrinksByRunning: true,
  arbitrary: fc.record({
    start: hostArbitrary({ maxDomains: 4, maxParts: 12 }),
    commands: hostCommands(),
    image: imageArbitrary,
  }),
  describe: (value) => [
    ...value.start.describe(),
    ...play(value).real.told.map(({ event, told }) =>
      told === 'happens' ? eventText(event) : `${eventText(event)}: ${told}`.slice(0, 75),
    ),
    `updated to ${describeImage(value.image)}`,
  ],
  check: (value, design) => {
    const { real, wrong } = play(value);
    if (wrong !== null)
      return left({ invariants: wrong.invariants, what: wrong.what, trace: null });
    const { host, version: from, told } = real;
    const update = { host, from, image: value.image, design };
    const met: Record<string, number> = {};
    for (const { event, told: how } of told)
      if (how === 'happens') met[`command ${event.type}`] = (met[`command ${event.type}`] ?? 0) + 1;
    const verdict = verdictOf(update, run(update));
    return either.map(verdict, (evidence) => addEvidence(evidence, { checked: {}, met }));
  },
});
