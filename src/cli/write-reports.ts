/** `--junit FILE` and `--sarif FILE`, for every command that has results. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { junit } from '../report/junit.ts';
import type { ReportCase } from '../report/results.ts';
import { sarif } from '../report/sarif.ts';
import { text, type Values } from './command.ts';
import { packageVersion } from './package-version.ts';

export const REPORT_OPTIONS = { junit: { type: 'string' }, sarif: { type: 'string' } } as const;
export const REPORT_HELP = [
  ['--junit FILE', 'write the results as JUnit XML; an old file is replaced'],
  ['--sarif FILE', 'write them as SARIF 2.1.0; an old file is replaced'],
] as const;

/** Writes what was asked for; null, or why it could not. */
export const writeReports = (values: Values, cases: readonly ReportCase[]): string | null => {
  const asked = [
    [text(values, 'junit'), () => junit(cases)],
    [text(values, 'sarif'), () => sarif(cases, packageVersion())],
  ] as const;
  for (const [file, make] of asked) {
    if (file === undefined) continue;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, make());
    } catch (e) {
      return e instanceof Error ? e.message : String(e);
    }
  }
  return null;
};
