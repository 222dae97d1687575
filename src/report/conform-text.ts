/** What became of a trace against the machines, for people. */
import type {
  ConformResult,
  MachineCount,
  TransitionCount,
  Unreadable,
} from '../conform/conform-trace.ts';
import type { Divergence } from '../conform/divergence.ts';
import type { EntryCount } from '../conform/entries.ts';
import type { DumpVerdict } from '../conform/moments.ts';
import { counted, grouped, labelled, WIDTH, wrap } from './text.ts';

/** A length of time; in cycles where the trace does not tell the TSC's rate. */
const timeText = (cycles: number, cyclesPerUs: number | null): string => {
  if (cyclesPerUs === null) return `${grouped(cycles)} cycles`;
  const us = Math.round(cycles / cyclesPerUs);
  return `${grouped(Math.floor(us / 1000))}.${String(us % 1000).padStart(3, '0')} ms`;
};

const count = (n: number): string => (n === 0 ? '-' : grouped(n)).padStart(9);

const transitionLines = ({ from, event, to, seen, possible }: TransitionCount): string[] => {
  const name = `${from === '' ? '(any)' : from}  ${event ?? 'by itself'}`;
  const line = `${count(seen)}${count(possible)}  ${name}`;
  const target = to === null ? '' : ` -> ${to}`;
  return line.length + target.length <= WIDTH
    ? [`${line}${target}`]
    : [...wrap(line, 22), ...wrap(`${' '.repeat(19)}${target}`, 22)];
};

const machineLines = ({ name, transitions }: MachineCount, all: boolean): string[] => {
  const taken = transitions.filter((t) => t.seen > 0 || t.possible > 0);
  const seen = taken.filter((t) => t.seen > 0);
  const head = `${name}: ${seen.length} of ${counted(transitions.length, 'transition')} seen, ${taken.length - seen.length} more possible`;
  return ['', head, ...(all ? taken : seen).flatMap(transitionLines)];
};

const entryLines = (entries: readonly EntryCount[]): string[] =>
  entries.flatMap(({ name, entries: all, first, reentered, unclear, longest }) => {
    const either = unclear === 0 ? '' : `, ${grouped(unclear)} either`;
    const counts = `${counted(all, 'entry', 'entries')} of ${name}: ${grouped(first)} new, ${grouped(reentered)} re-entered${either}`;
    if (longest === null) return labelled('Calls', counts);
    const { vcpu, least, most, offset } = longest;
    const range = least === most ? grouped(most) : `${grouped(least)} to ${grouped(most)}`;
    return labelled(
      'Calls',
      `${counts}; the longest has ${range} (${vcpu}, at byte ${grouped(offset)})`,
    );
  });

const divergenceLines = (d: Divergence, rate: number | null): string[] => [
  '',
  ...labelled(
    'Diverges',
    `at byte ${grouped(d.offset)}, ${timeText(d.cycles, rate)}, CPU ${d.cpu}`,
  ),
  ...labelled('Whose', d.subject),
  ...labelled('Allowed', d.allowed),
  ...labelled('Xen did', d.did),
  ...(d.facts.length === 0 ? [] : labelled('Facts', d.facts.join(', '))),
];

const dumpLines = ({ path, taken, problems }: DumpVerdict): string[] => [
  ...labelled(`Dump ${taken}`, problems.length === 0 ? 'agrees:' : 'differs:'),
  ...wrap(`  ${path}`, 4),
  ...problems.flatMap((p) => wrap(`    by the trace ${p} in the dump`, 6)),
];

const endOf = ({ divergence, checked, verdict }: ConformResult): string => {
  if (divergence !== null) return `DIVERGED: ${divergence.subject} ${divergence.did}.`;
  return verdict === 'accepted'
    ? `ACCEPTED: ${grouped(checked)} records checked; the machines allow them all.`
    : 'DIVERGED: the trace does not lead to what a dump shows.';
};

/** What is wrong with a file that cannot be read to its end, how far it could, and what to do. */
export const unreadableText = ({ trace, text, hint, checked }: Unreadable): string => {
  const before = `before it ${counted(checked, 'record')} checked, allowed by the machines`;
  return [
    ...wrap(`xen-lu: ${trace} cannot be followed`),
    text,
    ...(checked === 0 ? [] : [`  ${before}`]),
    ...wrap(`    ${hint}`, 4),
  ].join('\n');
};

/** The report on one trace; with `all` the transitions that were only possible as well. */
export const conformText = (r: ConformResult, all = false): string => {
  const cpus = counted(r.cpus.length, 'CPU');
  const lost = r.lost === 0 ? '' : `, ${grouped(r.lost)} lost`;
  const domains = r.domains.map((d) => `d${d}`).join(' ');
  const end = endOf(r);
  const machines = r.machines.flatMap((m) => machineLines(m, all));
  return [
    ...labelled('Trace', r.trace),
    ...labelled(
      'Read',
      `${grouped(r.records)} records of ${cpus}${lost}, ${timeText(r.cycles, r.cyclesPerUs)}`,
    ),
    ...labelled('Domains', domains === '' ? 'none named' : domains),
    ...entryLines(r.entries),
    ...r.dumps.flatMap(dumpLines),
    ...(r.divergence === null
      ? ['', '     seen possible  transition', ...machines.slice(1)]
      : divergenceLines(r.divergence, r.cyclesPerUs)),
    '',
    ...wrap(end, 2),
  ].join('\n');
};
