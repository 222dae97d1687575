/** `xen-lu run`: a scope, animated in the terminal. */
import fc from 'fast-check';
import { liveUpdate } from '../../../machines/live-update.ts';
import { rawEvent } from '../../../properties/arbitraries/history/arbitrary.ts';
import { hostArbitrary } from '../../../properties/arbitraries/index.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { defaultDesign } from '../../design/design.ts';
import { runHead, runLine } from '../../report/run-text.ts';
import { GENERAL } from '../../search/general-scopes.ts';
import { requestOf } from '../../search/scenario-search.ts';
import { type AnimatedStep, type Animation, animate } from '../../trace/animate.ts';
import { type Command, EXIT, flag, text, usageError, type Values } from '../command.ts';

/** A random host, and anything that may happen to it. */
const LIFE = 'life';
const COMMAND_LINE = 'console=com1';
const MAX_STEPS = 100_000;
const DEFAULT_STEPS = 200;

/** A natural number of an option, or what is wrong with it. */
const natural = (values: Values, name: string, otherwise: number, most: number) => {
  const given = text(values, name) ?? String(otherwise);
  const n = Number(given);
  return /^\d+$/.test(given) && n <= most
    ? n
    : `--${name} wants a number from 0 to ${most}, not "${given.slice(0, 40)}"`;
};

type Scoped = Omit<Animation, 'numbers' | 'until'>;

const lifeOf = (seed: number): Scoped => {
  const [random] = fc.sample(hostArbitrary({ maxDomains: 5, maxPages: 48 }), { seed, numRuns: 1 });
  if (random === undefined) throw new Error('fast-check made no host');
  const { host, plan } = random;
  const image = { build: host.xen.build, commandLine: COMMAND_LINE };
  return { host, from: plan.version, design: defaultDesign, image, events: null };
};

const scopeOf = async (name: string, seed: number): Promise<Scoped | string> => {
  if (name === LIFE) return lifeOf(seed);
  const scopes = [...GENERAL, ...(await loadScenarios())];
  const scope = scopes.find((s) => s.id === name);
  if (scope === undefined)
    return `no scope "${name.slice(0, 40)}"; there are ${LIFE}, ${scopes.map((s) => s.id).join(', ')}`;
  const { start, design, events } = requestOf(scope, defaultDesign, []);
  const { host, from, to, commandLine = COMMAND_LINE, lowestSegment } = start;
  const build = { ...host.xen.build, ...start.image, version: to.id };
  const image = { build, commandLine, ...(lowestSegment === undefined ? {} : { lowestSegment }) };
  return { host, from, design, image, events };
};

export const run: Command = {
  details: [
    'SCOPE is a scenario, "mixed", "mixed, active", or "life": a random host',
    'and anything that may happen to it. The same seed gives the same run.',
    'Every state is held against the host: what the charts of domains and',
    'vCPUs say otherwise is told as AGR-1, and the exit status is 1.',
  ],
  optionHelp: [
    ['--seed N', 'another run; default 1'],
    ['--until STATE', 'ends when the update is in this state'],
    ['--steps N', `ends after so many; default ${DEFAULT_STEPS}`],
    ['--json', 'each step as one line of JSON'],
  ],
  options: {
    seed: { type: 'string' },
    until: { type: 'string' },
    steps: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (values, [name, ...more], io) => {
    if (name === undefined || more.length > 0) return usageError('run wants one SCOPE');
    const seed = natural(values, 'seed', 1, 0x7fff_ffff);
    const steps = natural(values, 'steps', DEFAULT_STEPS, MAX_STEPS);
    if (typeof seed === 'string') return usageError(seed);
    if (typeof steps === 'string') return usageError(steps);
    const until = text(values, 'until');
    const known = Object.keys(liveUpdate.config.states ?? {});
    if (until !== undefined && !known.includes(until))
      return usageError(
        `the update has no state "${until.slice(0, 40)}"; it has ${known.join(', ')}`,
      );
    const scope = await scopeOf(name, seed);
    if (typeof scope === 'string') return usageError(scope);
    const numbers = fc.sample(rawEvent, { seed, numRuns: Math.max(1, steps) }).slice(0, steps);
    const asJson = flag(values, 'json');
    let disagreed = 0;
    const see = (step: AnimatedStep): void => {
      disagreed += step.disagree.length;
      if (!asJson && step.n === 1) io.out(runHead(step.domains));
      io.out(asJson ? JSON.stringify(step) : runLine(step));
    };
    animate({ ...scope, numbers, ...(until === undefined ? {} : { until }) }, see);
    return disagreed === 0 ? EXIT.holds : EXIT.violated;
  },
};
