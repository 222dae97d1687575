/**
 * What a new invariant consists of: its file, a mutant that it must notice,
 * its test, and its place in the docs. All but the checks is written; the
 * build refuses what is left blank, and says which.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';

export interface NewFile {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

export interface NewInvariant {
  readonly id: string;
  readonly title: string;
  readonly files: readonly NewFile[];
}

/** The text of each file, with __ID__, __TITLE__ and __FILE__ for what the name gives. */
export interface Templates {
  readonly invariant: string;
  readonly mutant: string;
  readonly test: string;
}

/** "I8.9-no-frame-zero": an id in capitals and digits, then words. */
const NAME = /^([A-Z]+[A-Z0-9.-]*[0-9])-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;
/** The longest title that the registry takes. */
const MAX_TITLE = 60;

/** The files of a new invariant; left: the name is none. */
export const newInvariant = (name: string, templates: Templates): Either<string, NewInvariant> => {
  const m = NAME.exec(name);
  if (m === null) return left('a name is an id and words, for instance I8.9-no-frame-zero');
  const [, id = '', words = ''] = m;
  const title = `${words[0]?.toUpperCase()}${words.slice(1).replace(/-/g, ' ')}`;
  if (title.length + ': broken'.length > MAX_TITLE)
    return left(`the words are longer than ${MAX_TITLE - ': broken'.length} characters`);
  const file = `${id.toLowerCase().replace(/\./g, '-')}-${words}`;
  const filled = (template: string): string =>
    template
      .replace(/__ID__/g, id)
      .replace(/__TITLE__/g, title)
      .replace(/__FILE__/g, file);
  return right({
    id,
    title,
    files: [
      { path: `properties/invariants/${file}.ts`, text: filled(templates.invariant) },
      { path: `properties/mutants/M-${file}.ts`, text: filled(templates.mutant) },
      { path: `test/properties/invariants/${file}.test.ts`, text: filled(templates.test) },
    ],
  });
};

const HEADING = /^## (\S+): .*$/gm;

/** The page of all invariants with the section of a new one in the order of the ids. */
export const withSection = (page: string, { id, title }: NewInvariant): string => {
  const behind = [...page.matchAll(HEADING)].find(
    (m) => (m[1] as string).localeCompare(id, 'en', { numeric: true }) > 0,
  );
  const section = `## ${id}: ${title}\n\nNot written yet.\n\n`;
  if (behind === undefined) return `${page.trimEnd()}\n\n${section}`;
  return `${page.slice(0, behind.index)}${section}${page.slice(behind.index)}`;
};
