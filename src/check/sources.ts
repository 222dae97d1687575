/** Where a reading comes from, one line for each kind of source. */
import { basename, dirname } from 'node:path';
import type { Reading, SectionSource } from '../xen/capture/reading.ts';

const section = (key: string, s: SectionSource): string =>
  `${key}: ${s.file}:${s.firstLine}-${s.lastLine}`;

/** Files of one folder by their names, the folder once. */
const besides = (files: readonly string[]): string => {
  const folders = [...new Set(files.map((f) => dirname(f)))];
  return folders
    .map((folder) => {
      const names = files.filter((f) => dirname(f) === folder).map((f) => basename(f));
      return `${folder}/ (${names.join(', ')})`;
    })
    .join('; ');
};

/** The dumps with their lines, then the files beside them. */
export const sourceLines = (r: Reading): string[] => [
  section('q', r.sources.domainInfo),
  section('g', r.sources.grantTables),
  section('e', r.sources.eventChannels),
  ...(r.companions.files.length === 0 ? [] : [`beside it: ${besides(r.companions.files)}`]),
  ...(r.version === undefined
    ? []
    : [`Xen ${r.version.text} (${r.version.file}:${r.version.line})`]),
];
