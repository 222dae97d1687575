/** An exploration in words. */
import type { Exploration, Trace, TraceState } from '../../explore/index.ts';
import { counted, grouped, labelled, wrap } from '../../report/text.ts';
import { plainJson } from './plain-json.ts';
import type { Words } from './subject.ts';

/** Parts of the chart that were missed: more than these are counted only. */
const SHOWN = 8;

/** What was asked, for the report. */
export interface Asked {
  readonly name: string;
  readonly invariants: readonly string[];
  readonly words?: Words | undefined;
}

/** The verdict with its reason, numbers and way, no line wider than 75 columns. */
export function explorationText(result: Exploration, asked: Asked): string {
  if (result.verdict === 'refused') {
    return [
      ...wrap(`${asked.name} cannot be explored:`),
      ...result.refusals.flatMap(({ place, reason }) => wrap(`  - ${place}: ${reason}`, 4)),
    ].join('\n');
  }
  const { states, depth, edges } = result;
  const invariants = asked.invariants.length === 0 ? 'none' : asked.invariants.join(', ');
  return [
    ...labelled('Explored', asked.name),
    ...labelled('Invariants', invariants),
    ...labelled('States', `${grouped(states)}, the farthest ${counted(depth, 'step')} away`),
    ...labelled('Transitions', `${grouped(edges.taken)}, ${grouped(edges.moved)} to another state`),
    ...(result.verdict === 'error' ? [] : coverageText(result)),
    ...labelled('Speed', speedText(result)),
    ...(result.reductions.length === 0 ? [] : labelled('Reductions', reductionsText(result))),
    '',
    ...verdictText(result, asked.words),
  ].join('\n');
}

function reductionsText({ reductions }: Exploration): string {
  const words = { symmetry: 'symmetry (on trust)', por: 'partial order' };
  return `${reductions.map((one) => words[one]).join(', ')}: see docs/explore.md`;
}

function speedText({ states, seconds = 0, bytesPerState, workers }: Exploration): string {
  const rate = seconds > 0 ? `${grouped(Math.round(states / seconds))} states/s, ` : '';
  return `${rate}${seconds.toFixed(1)} s, ${bytesPerState.toFixed(1)} bytes a state${workers > 1 ? `, ${workers} workers` : ''}`;
}

function coverageText({ coverage }: Exploration): string[] {
  const { states, transitions, guards } = coverage;
  const lines = labelled(
    'Coverage',
    `states ${states.reached}/${states.total}, transitions ${transitions.taken}/${transitions.total}, outcomes of guards ${guards.seen}/${guards.outcomes}`,
  );
  const missed = [
    ...states.missed.map((one) => `never active: ${one}`),
    ...transitions.missed.map((one) => `never taken: ${one}`),
    ...guards.missed.map((one) => `guard never ${one}`),
  ];
  for (const one of missed.slice(0, SHOWN)) lines.push(...wrap(`${' '.repeat(12)}${one}`, 14));
  if (missed.length > SHOWN) lines.push(`${' '.repeat(12)}and ${missed.length - SHOWN} more`);
  return lines;
}

function verdictText(result: Exploration, words: Words | undefined): string[] {
  switch (result.verdict) {
    case 'holds':
      return ['HOLDS in every state'];
    case 'incomplete': {
      const why = { 'max-states': '--max-states', 'max-memory': '--max-memory', aborted: 'Ctrl-C' };
      const seen = counted(result.states, 'state');
      return wrap(`INCOMPLETE: ${seen} seen, none of them bad (${why[result.reason]})`, 4);
    }
    case 'violated': {
      const { kind, name } = result.property;
      const what = kind === 'deadlock' ? 'deadlock' : `${kind} "${name}"`;
      const trace = result.trace === undefined ? [] : ['', ...traceText(result.trace, words)];
      const why = offendersOf(result, words).flatMap((one) => wrap(`  - ${one}`, 4));
      return [...wrap(`VIOLATED: ${what}`, 4), ...why, ...trace];
    }
    case 'error': {
      const { place, message } = result.fault;
      const trace = result.trace === undefined ? [] : ['', ...traceText(result.trace, words)];
      const line = message.replace(/\s*\n\s*/g, ' ');
      return [...wrap(`ERROR at ${place}: ${line}`, 4), ...trace];
    }
    default:
      return [];
  }
}

/** What offends in the state that breaks a property, if the subject can tell. */
export function offendersOf(result: Exploration, words: Words | undefined): readonly string[] {
  if (result.verdict !== 'violated' || result.trace === undefined) return [];
  const { start, steps } = result.trace;
  const { value, context } = steps.at(-1)?.state ?? start;
  return words?.because(result.property.name, value, context) ?? [];
}

function traceText({ start, steps, loop }: Trace, words: Words | undefined): string[] {
  const begin = words?.begin(start.context) ?? stateText(start, undefined);
  const lines = wrap(`   0  ${begin}`, 6);
  let before = start;
  for (const [i, { event, state }] of steps.entries()) {
    if (loop === i) lines.push('      -- from here on for ever --');
    const { type, ...payload } = event;
    const rest = Object.keys(payload).length === 0 ? '' : ` ${plainJson(payload)}`;
    lines.push(...wrap(`${String(i + 1).padStart(4)}  ${type}${rest}`, 6));
    if (words === undefined) lines.push(...wrap(`      ${stateText(state, before)}`, 8));
    else {
      const [value, was] = [plainJson(state.value), plainJson(before.value)];
      if (value !== was) lines.push(...wrap(`      ${value}`, 8));
      for (const line of words.changes(before.context, state.context))
        lines.push(...wrap(`      ${line}`, 8));
    }
    before = state;
  }
  if (loop === steps.length) lines.push('      -- and nothing more --');
  return lines;
}

/** A state; after another one only what has changed. */
function stateText(state: TraceState, before: TraceState | undefined): string {
  const parts: string[] = [];
  const value = plainJson(state.value);
  if (before === undefined || plainJson(before.value) !== value) parts.push(value);
  const old = before?.context;
  for (const [key, field] of Object.entries((state.context ?? {}) as object)) {
    const text = plainJson(field);
    const same = typeof old === 'object' && old !== null && key in old;
    if (same && plainJson((old as Record<string, unknown>)[key]) === text) continue;
    parts.push(`${key} = ${text}`);
  }
  if (state.status !== 'active') parts.push(state.status);
  return parts.length === 0 ? '(the same)' : parts.join('  ');
}
