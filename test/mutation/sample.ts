/**
 * Which mutants a run tries: with thousands of them and seconds for each, a
 * random part says what the score is within known bounds. XEN_LU_SAMPLE is the
 * part in per mille (default 1000: all) and XEN_LU_FROM where it begins, so
 * that the parts 0-50 and 50-100 have no mutant in common and together are the
 * part 0-100; XEN_LU_SEED deals them out anew. Whether a mutant is in depends
 * on what and where it is alone, so a second run tries the same ones.
 */
import { relative } from 'node:path';

/** What Stryker tells of a mutant; lines and columns from 0. */
export interface Candidate {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}
interface Place {
  readonly line: number;
  readonly column: number;
}
export interface Sample {
  readonly seed: number;
  /** Per mille. */
  readonly from: number;
  readonly part: number;
}

const MILLE = 1000;
/** Places of a mutant in the order of all: more than there are mutants. */
const SPREAD = 2 ** 32;

/** FNV-1a over UTF-16 units, mixed once more (its low bits alone are poor). */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** Where in the random order of all mutants this one stands, in per mille with a fraction. */
export const placeOf = (m: Candidate, seed: number): number => {
  // Each run works on its own copy of the sources, in a folder of a random name.
  const path = relative(process.cwd(), m.fileName).replace(/^.*?(?=src\/)/, '');
  const { line, column } = m.location.start;
  const what = [seed, path, line, column, m.mutatorName, m.replacement].join('|');
  return (hash(what) / SPREAD) * MILLE;
};

export const inSample = (m: Candidate, { seed, from, part }: Sample): boolean => {
  const place = placeOf(m, seed);
  return place >= from && place < from + part;
};

const number = (name: string, least: number, otherwise: number): number => {
  const n = Number(process.env[name] || 'not given');
  return Number.isSafeInteger(n) && n >= least ? n : otherwise;
};

/** The sample that the environment asks for. */
export const sampleAsked = (): Sample => ({
  seed: number('XEN_LU_SEED', 1, 1),
  from: number('XEN_LU_FROM', 0, 0),
  part: number('XEN_LU_SAMPLE', 1, MILLE),
});

export const isAll = ({ from, part }: Sample): boolean => from === 0 && part >= MILLE;
