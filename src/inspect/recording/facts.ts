/** The ids that a recording cites, in words. */
import { inWords } from '../../design/glossary/glossary.ts';
import type { Recording } from './recording.ts';

/** Ids inside a text: "R12", "F9.9", "Q4", "PNR-1". */
const IDS = /\b(?:[AFIQRS]\d+(?:\.\d+)?(?:\.[a-z0-9-]+)?|[A-Z]{2,4}-\d)\b'?/g;

const cited = (r: Omit<Recording, 'facts'>): string[] => [
  ...r.story.sources,
  ...r.story.faults.flatMap((f) => [f.id, ...f.sources]),
  ...r.invariants.flatMap((i) => i.sources),
  ...r.charts.flatMap((c) => [...c.states, ...c.transitions].flatMap((s) => s.facts)),
  ...[
    ...r.story.tried,
    ...r.story.offenders,
    ...(r.story.divergence?.lines ?? []),
    ...r.invariants.flatMap((i) => [i.says, i.why]),
  ].flatMap((text) => text.match(IDS) ?? []),
];

/** Every cited id that there are words for. Invariants are in the recording themselves. */
export const factsOf = (r: Omit<Recording, 'facts'>): Readonly<Record<string, string>> => {
  const words = new Map<string, string>(r.invariants.map((i) => [i.id, `${i.title}. ${i.says}`]));
  for (const id of cited(r)) {
    const text = words.has(id) ? null : inWords(id);
    if (text !== null) words.set(id, text);
  }
  return Object.fromEntries([...words].sort(([a], [b]) => (a < b ? -1 : 1)));
};
