/** `--junit FILE` and `--sarif FILE`, for every command that has results. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { junit } from '../report/junit.ts';
import type { ReportCase } from '../report/results.ts';
import { sarif } from '../report/sarif.ts';
import { text, type Values } from './command.ts';
import { packageVersion } from './package-version.ts';

export const REPORT_OPTIONS = { junit: { type: 'string' }, sarif: { type: 'string' } } as const;
export const REPORT_HELP = [
  ['--junit FILE', 'write JUnit XML; an earlier report is replaced'],
  ['--sarif FILE', 'write SARIF 2.1.0; an earlier report is replaced'],
] as const;

/** Is something else there than an earlier report? */
const isForeign = (file: string): boolean => {
  if (!existsSync(file)) return false;
  try {
    const there = readFileSync(file, 'utf8');
    return !(there.includes('<testsuites name="xen-lu"') || there.includes('"name": "xen-lu"'));
  } catch {
    return true;
  }
};

/** Writes what was asked for; null, or why it could not. */
export const writeReports = (values: Values, cases: readonly ReportCase[]): string | null => {
  const asked = [
    [text(values, 'junit'), () => junit(cases)],
    [text(values, 'sarif'), () => sarif(cases, packageVersion())],
  ] as const;
  for (const [file, make] of asked) {
    if (file === undefined) continue;
    if (isForeign(file)) return `${file} is no report of xen-lu; it was not replaced`;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, make());
    } catch (e) {
      return e instanceof Error ? e.message : String(e);
    }
  }
  return null;
};
