/** `xen-lu explore FILE --follow TRACE`: whether a trace of another tool is a run. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { type Following, follow, fromItf } from '../../explore/index.ts';
import { counted, grouped, labelled, wrap } from '../../report/text.ts';
import {
  EXIT,
  type Exit,
  flag,
  type Io,
  texts,
  type UsageError,
  usageError,
  type Values,
} from '../command.ts';
import { readJson } from '../read-trace.ts';
import { findSubject } from './find-subject.ts';
import { plainJson } from './plain-json.ts';
import { SCOPES } from './scopes.ts';

/** What goes with it; all else is of a search. */
const WITH: ReadonlySet<string> = new Set(['follow', 'json']);

const WANTED =
  'Wanted is a trace as --itf writes it: each of its states has event, value, context, history, ' +
  'status and output.';

/** Events of one state that are listed; the others are counted. */
const SHOWN = 10;

/**
 * Follows the trace of a file.
 *
 * @param name of the machine: FILE or SCOPE
 * @returns 0 for a run, 1 for none, 2 if file or machine cannot be used
 */
export async function followFile(
  name: string,
  path: string,
  values: Values,
  io: Io,
): Promise<Exit | UsageError> {
  const other = Object.keys(values).find((one) => !WITH.has(one) && values[one] !== undefined);
  if (other !== undefined) return usageError(`--follow searches nothing: not with --${other}`);
  const bad = (what: string): Exit => {
    io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
    return EXIT.badInput;
  };
  const document = readJson(path);
  if (isLeft(document)) return bad(`--follow: ${document.left}. ${WANTED}`);
  const trace = fromItf(document.right);
  if (isLeft(trace)) return bad(`--follow: ${path}: ${trace.left}. ${WANTED}`);
  const found = await findSubject(name, texts(values, 'invariant'), SCOPES);
  if (isLeft(found)) return bad(found.left);
  const { machine, options } = found.right;
  const { symmetry: _, ...asked } = options;
  const result = follow(machine, trace.right, asked);
  if (result.verdict === 'refused') {
    const reasons = result.refusals.map(({ place, reason }) => `${place}: ${reason}`);
    return bad(`${name} cannot be followed: ${reasons.join('; ')}`);
  }
  const total = trace.right.steps.length;
  io.out(
    flag(values, 'json')
      ? plainJson({ steps: total, ...result }, 2)
      : followingText(result, { name, path, total }),
  );
  return { run: EXIT.holds, parts: EXIT.violated, error: EXIT.badInput }[result.verdict];
}

function followingText(
  result: Exclude<Following, { verdict: 'refused' }>,
  { name, path, total }: { name: string; path: string; total: number },
): string {
  const head = [
    ...labelled('Machine', name),
    ...labelled('Trace', `${path}, ${counted(total, 'step')}`),
  ];
  if (result.verdict === 'run') return [...head, '', `RUN: the machine does all of it`].join('\n');
  if (result.verdict === 'error') {
    const { place, message } = result.fault;
    return [...head, '', ...wrap(`ERROR at ${place}: ${message.replace(/\s+/g, ' ')}`, 4)].join(
      '\n',
    );
  }
  const { followed, differences, allowed, state } = result;
  const differing = differences.flatMap(({ place, machine, trace }) =>
    wrap(`  ${place}: the machine has ${shown(machine)}, the trace ${shown(trace)}`, 4),
  );
  const standing = wrap(
    `The machine stands in ${plainJson(state.value)}; it takes there: ${listed(allowed)}.`,
  );
  return [
    ...head,
    ...labelled('Followed', `${grouped(followed)} of ${counted(total, 'step')}`),
    '',
    ...wrap(`NO RUN: ${whyText(result)}`, 4),
    ...differing,
    ...(result.reason === 'no-event' || result.reason === 'not-taken' ? standing : []),
  ].join('\n');
}

function whyText(result: Extract<Following, { verdict: 'parts' }>): string {
  const step = `step ${result.followed + 1}`;
  const event = plainJson(result.event);
  switch (result.reason) {
    case 'start':
      return 'it begins in another state than the machine:';
    case 'loop':
      return 'its last state is not the one that it goes back to:';
    case 'no-event':
      return `${step}, ${event}, is none of the events that the machine is given.`;
    case 'not-taken':
      return `${step}, ${event}: the machine takes no transition for it.`;
    default:
      return `${step}, ${event}, leads to another state:`;
  }
}

/** A value, or that there is none. */
function shown(value: unknown): string {
  return value === undefined ? 'nothing' : plainJson(value);
}

function listed(events: readonly object[]): string {
  if (events.length === 0) return 'nothing';
  const texts = events.slice(0, SHOWN).map((event) => plainJson(event));
  const more = events.length - texts.length;
  return `${texts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
