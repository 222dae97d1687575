/** The run in words: what was tried, what the design lacked, what came of it. */
import type { Design } from '../../design/design.ts';
import { defaultDesign } from '../../design/design.ts';
import { POLICIES, type PolicyId } from '../../design/policies.ts';
import { RULES } from '../../design/rules.ts';
import type { Fault, RecordedInvariant, RecordedStep, Story } from './recording.ts';

const dropped = (design: Design): Fault[] =>
  design.dropped.map((id) => {
    const rule = RULES.find((r) => r.id === id);
    return { id, kind: 'rule', text: rule?.text ?? id, sources: rule?.sources ?? [] };
  });

const answered = (design: Design): Fault[] =>
  Object.entries(design.policies).flatMap(([id, answer]): Fault[] => {
    const question = POLICIES[id as PolicyId];
    const usual = defaultDesign.policies[id as PolicyId];
    if (answer === usual) return [];
    const answers: Readonly<Record<string, string>> = question.answers;
    return [
      {
        id,
        kind: 'answer',
        text: question.question,
        given: `${answer}: ${answers[answer] ?? ''}`,
        instead: `${usual}: ${answers[usual] ?? ''}`,
        sources: question.sources,
      },
    ];
  });

/** What the design of a run lacks against the full one. */
export const faultsOf = (design: Design): Fault[] => [...dropped(design), ...answered(design)];

/** The first step at which something broke, with all that broke in it. */
export const firstBroken = (
  steps: readonly RecordedStep[],
  invariants: readonly RecordedInvariant[],
): { readonly at: number; readonly broken: string[]; readonly offenders: string[] } | null => {
  for (const [at, step] of steps.entries()) {
    const idOf = (of: number): string => invariants[of]?.id ?? '';
    const bad = step.said.filter((s) => !s.holds);
    if (bad.length === 0) continue;
    return {
      at,
      broken: bad.map((s) => idOf(s.of)),
      offenders: bad.flatMap((s) => (s.detail ?? []).map((d) => `${idOf(s.of)} ${d}`)),
    };
  }
  return null;
};

/** Where the run ended, in one sentence. */
export const outcomeText = (
  state: string,
  at: number | null,
  broken: readonly string[],
  crash: string | null,
): string => {
  const ends: Readonly<Record<string, string>> = {
    done: 'All domains run on xen#2.',
    refused: 'The update was given up before the point of no return; xen#1 runs on.',
    crashed: `xen#2 stopped the host: ${crash ?? 'no reason given'}.`,
    quiescing: 'The update still waits for the host to come to rest.',
  };
  const end = ends[state] ?? `The run ends while the update is at "${state}".`;
  return at === null || broken.length === 0
    ? end
    : `${broken.join(', ')} ${broken.length === 1 ? 'is' : 'are'} broken at step ${at}. ${end}`;
};

export const verdictOf = (state: string, broken: readonly string[]): Story['verdict'] => {
  if (broken.length > 0 || state === 'crashed') return 'violated';
  if (state === 'done') return 'holds';
  return state === 'refused' ? 'refused' : 'unfinished';
};
