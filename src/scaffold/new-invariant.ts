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

/** "I8.9-no-frame-zero": an id in capitals and digits, then words. */
const NAME = /^([A-Z]+[A-Z0-9.-]*[0-9])-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;
/** The longest title that the registry takes. */
const MAX_TITLE = 60;

const invariantText = (
  id: string,
  title: string,
): string => `import type { Host } from '../../src/host/host.ts';
import { invariant, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const audit = (host: Host): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(host)) {
    // Count each object that is looked at, name each that offends.
    a.count();
    if (d.refcnt < 0) a.offend(domainName(d.domid), 'says what is wrong');
  }
  return a.verdict();
};

export default invariant({
  id: '${id}',
  title: '${title}',
  says: '',
  why: '',
  sources: [],
  host: audit,
});
`;

const mutantText = (
  id: string,
  title: string,
): string => `import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { mutant } from '../mutant.ts';

export default mutant({
  id: 'M-${id}',
  title: '${title}: broken',
  says: '',
  source: '',
  kills: ['${id}'],
  start: () => ({ host: mixedHost() }),
  events: [],
  order: 'fair',
  // A step of the update done wrongly: changeDomain and others are in ../support/tamper.ts.
  actions: {},
});
`;

const testText = (id: string, file: string): string => `import { expect, test } from 'vitest';
import found from '../../../properties/invariants/${file}.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { domainOf, spoilt, V417 } from '../support/evidence.ts';

test('${id} holds of a host at rest, and has something to look at', () => {
  const verdict = found.host?.(mixedHost(), V417);
  expect(verdict?.offenders).toEqual([]);
  expect(verdict?.checked).toBeGreaterThan(0);
});

test('${id} names what offends', () => {
  const host = spoilt((h) => {
    domainOf(h, 1).refcnt = -1;
  });
  expect(found.host?.(host, V417).offenders.map((o) => o.where)).toEqual(['d1']);
});
`;

/** The files of a new invariant; left: the name is none. */
export const newInvariant = (name: string): Either<string, NewInvariant> => {
  const m = NAME.exec(name);
  if (m === null) return left('a name is an id and words, for instance I8.9-no-frame-zero');
  const [, id = '', words = ''] = m;
  const title = `${words[0]?.toUpperCase()}${words.slice(1).replace(/-/g, ' ')}`;
  if (title.length + ': broken'.length > MAX_TITLE)
    return left(`the words are longer than ${MAX_TITLE - ': broken'.length} characters`);
  const file = `${id.toLowerCase().replace(/\./g, '-')}-${words}`;
  return right({
    id,
    title,
    files: [
      { path: `properties/invariants/${file}.ts`, text: invariantText(id, title) },
      { path: `properties/mutants/M-${file}.ts`, text: mutantText(id, title) },
      { path: `test/properties/invariants/${file}.test.ts`, text: testText(id, file) },
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
