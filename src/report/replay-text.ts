/** A replayed trace in words: where it starts, its steps, what is broken, the objects that offend. */
import { stepText } from '../check/steps.ts';
import { POLICIES, type PolicyId, SAFEST } from '../design/policies.ts';
import type { Replayed, ReplayedStep } from '../trace/replayed.ts';
import type { Trace } from '../trace/trace-file.ts';
import { objectsText } from './objects.ts';
import { counted, labelled, wrap } from './text.ts';

/** Lines of what offends that are shown. */
const MAX_OFFENDERS = 12;

/** What of the design is not the default: "without R44, Q4=restart"; "default". */
export const designText = ({ design }: Pick<Trace, 'design'>): string => {
  const answers = (Object.keys(POLICIES) as PolicyId[])
    .filter((q) => design.policies[q] !== SAFEST[q])
    .map((q) => `${q}=${design.policies[q]}`);
  const all = [...design.dropped.map((r) => `without ${r}`), ...answers];
  return all.length === 0 ? 'default' : all.join(', ');
};

const startText = (trace: Trace): string[] => [
  ...labelled(
    'Start',
    `Xen ${trace.from.id} -> ${trace.to.id}, ` +
      counted(Object.keys(trace.host.xen.domains).length, 'domain'),
  ),
  ...labelled('Design', designText(trace)),
  ...(trace.mutant === undefined ? [] : labelled('Mutant', trace.mutant)),
  ...(trace.found === undefined
    ? []
    : labelled(
        'Found',
        `by ${trace.found.property}, seed ${trace.found.seed}, path ${trace.found.path}`,
      )),
];

const stepLine = (s: ReplayedStep): string[] =>
  wrap(
    `  ${String(s.n).padStart(4)}  ${s.state.padEnd(17)}  ${stepText(s.event)}` +
      (s.happened ? '' : ' (did not happen)'),
    27,
  );

/** What is broken and where, with before and after of the objects. */
export const violationLines = (r: Replayed): string[] => {
  if (r.violates.length === 0)
    return wrap(`HOLDS: no invariant breaks in ${counted(r.steps.length, 'step')}.`);
  const shown = r.offenders.slice(0, MAX_OFFENDERS);
  const more = r.offenders.length - shown.length;
  return [
    ...wrap(`VIOLATED at step ${r.steps.length}: ${r.violates.join(', ')}.`, 4),
    ...shown.flatMap((o) => wrap(`  - ${o}`, 4)),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    '',
    'Objects',
    ...objectsText(r.offenders, r.saved ?? r.before, r.after),
  ];
};

/** The whole of it, in lines of at most 75 columns. */
export const replayText = (trace: Trace, r: Replayed): string =>
  [...startText(trace), '', 'Steps', ...r.steps.flatMap(stepLine), '', ...violationLines(r)].join(
    '\n',
  );
