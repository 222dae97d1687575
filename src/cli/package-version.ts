/** The version of this package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As its package.json says, the nearest above this file: from sources and from dist. */
export const packageVersion = (): string => {
  const above = ['../..', '../../..'].map((up) => join(import.meta.dirname, up, 'package.json'));
  for (const file of above)
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    } catch {
      // Not there: one folder higher.
    }
  return 'unknown';
};
