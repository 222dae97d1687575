/** `docs/invariants.md`: every invariant on one page, made from their files. */
import type { Invariant } from '../../properties/invariant.ts';
import type { Mutant } from '../../properties/mutant.ts';
import { wrap } from './text.ts';

/** What a function of an invariant looks at, in the order of an update. */
const LOOKS = {
  host: 'every host at rest',
  waiting: 'an update that waits',
  saved: 'the host at the save',
  watch: 'every step',
  update: 'before and after',
  refused: 'an update that was given up',
} as const satisfies Readonly<Partial<Record<keyof Invariant, string>>>;

const looksOf = (i: Invariant): string =>
  (Object.keys(LOOKS) as (keyof typeof LOOKS)[])
    .filter((look) => i[look] !== undefined)
    .map((look) => LOOKS[look])
    .join(', ');

/** The heading of an invariant's section; the scaffold puts a new one where it belongs. */
export const headingOf = ({ id, title }: Pick<Invariant, 'id' | 'title'>): string =>
  `## ${id}: ${title}`;

const sectionOf = (i: Invariant, mutants: readonly Mutant[]): string => {
  const bugs = mutants.filter((m) => m.kills.includes(i.id)).map((m) => `${m.id} (${m.title})`);
  return [
    headingOf(i),
    '',
    ...wrap(i.says),
    '',
    ...wrap(`Why: ${i.why}`),
    '',
    ...wrap(`- looks at: ${looksOf(i)}`, 2),
    ...wrap(`- sources: ${i.sources.join(', ')}`, 2),
    ...(bugs.length === 0 ? [] : wrap(`- notices real bugs: ${bugs.join('; ')}`, 2)),
    '',
  ].join('\n');
};

/** The page, ending with a line end. */
export const invariantsPage = (
  invariants: readonly Invariant[],
  mutants: readonly Mutant[],
): string =>
  [
    '# Invariants',
    '',
    'What must hold of every host and every update. Made from the files of',
    '`properties/invariants`; do not edit, but write it anew with',
    '`npx vitest run test/properties/invariants-page.test.ts -u`. How often each',
    'had something to look at is counted by `xen-lu vacuity`; which real bugs and',
    'dropped rules they notice is shown by `xen-lu museum`.',
    '',
    ...invariants.map((i) => sectionOf(i, mutants)),
  ].join('\n');
