/** Where a reading comes from, one line for each kind of source. */
import type { Reading, SectionSource } from '../xen/capture/reading.ts';

const section = (key: string, s: SectionSource): string =>
  `${key}: ${s.file}:${s.firstLine}-${s.lastLine}`;

/** The dumps with their lines, then the files beside them. */
export const sourceLines = (r: Reading): string[] => [
  section('q', r.sources.domainInfo),
  section('g', r.sources.grantTables),
  section('e', r.sources.eventChannels),
  ...(r.companions.files.length === 0 ? [] : [`beside it: ${r.companions.files.join(', ')}`]),
  ...(r.version === undefined
    ? []
    : [`Xen ${r.version.text} (${r.version.file}:${r.version.line})`]),
];
