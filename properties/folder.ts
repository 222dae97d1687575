/** Folders of definitions: one file each, with one default export. */
import { readdir } from 'node:fs/promises';

interface Definition {
  readonly id: string;
}

/** "S10" after "S9", "I10.1" after "I9.2": digits are compared as numbers. */
const byId = (a: Definition, b: Definition): number =>
  a.id.localeCompare(b.id, 'en', { numeric: true });

/**
 * The default exports of all files of a folder, sorted by id. Works from
 * sources and from the compiled tree. `faultOf` says why a value is none, or
 * null; `place` is the folder as messages name it.
 *
 * @throws Error that names the file, for one without a proper default export,
 *   and both files, for an id that is there twice.
 */
export const loadFolder = async <T extends Definition>(
  folder: URL,
  place: string,
  faultOf: (value: unknown) => string | null,
): Promise<readonly T[]> => {
  const files = (await readdir(folder))
    .filter((name) => /\.(?:ts|js)$/.test(name) && !name.endsWith('.d.ts'))
    .sort();
  const fileOf = new Map<string, string>();
  const all: T[] = [];
  for (const file of files) {
    const module: { default?: unknown } = await import(new URL(file, folder).href);
    const fault = faultOf(module.default);
    if (fault !== null) throw new Error(`${place}/${file} ${fault}`);
    const found = module.default as T;
    const other = fileOf.get(found.id);
    if (other !== undefined)
      throw new Error(`${place}/${file} and ${other} both have the id ${found.id}`);
    fileOf.set(found.id, file);
    all.push(found);
  }
  return all.sort(byId);
};
