/** An exploration as JSON. */
import type { Exploration, Trace } from '../../explore/index.ts';
import type { Words } from './subject.ts';
import { offendersOf } from './text.ts';

/** What `--json` prints: no field that the verdict does not have. */
export function document(
  result: Exploration,
  checkpoint: string | undefined,
  words: Words | undefined,
): object {
  const { states, transitions, depth, verdict, coverage, bytesPerState, reductions } = result;
  const { seconds = 0, workers } = result;
  return {
    states,
    transitions,
    depth,
    verdict,
    ...('property' in result ? { property: result.property } : {}),
    ...(words === undefined ? {} : { offenders: offendersOf(result, words) }),
    ...('reason' in result ? { reason: result.reason } : {}),
    ...('fault' in result ? { fault: result.fault } : {}),
    ...('trace' in result && result.trace !== undefined
      ? { trace: words === undefined ? result.trace : inWords(result.trace, words) }
      : {}),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    coverage,
    seconds,
    statesPerSecond: seconds > 0 ? Math.round(states / seconds) : 0,
    bytesPerState,
    reductions,
    workers,
  };
}

/** A trace whose contexts are not for people, with what each step changes in their place. */
function inWords({ start, steps, loop }: Trace, words: Words): object {
  let before = start;
  return {
    start: { value: start.value, begins: words.begin(start.context) },
    steps: steps.map(({ event, state }) => {
      const changes = words.changes(before.context, state.context);
      before = state;
      return { event, value: state.value, changes };
    }),
    ...(loop === undefined ? {} : { loop }),
  };
}
