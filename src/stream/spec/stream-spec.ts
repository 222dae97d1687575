/**
 * The specification of the Live Update stream, made from the definitions by
 * which streams are written and read. The same definitions give the same
 * text.
 */
import type { RecordDefinition, Scope } from '../records/definition.ts';
import { definitionOf, RECORD_NAMES } from '../records/registry.ts';
import { RECORD_TYPE } from '../records/types.ts';
import { type HeaderField, IMAGE_HEADER, RECORD_HEADER } from './headers.ts';
import { drawOctets, type Element } from './octet-grid.ts';
import {
  COMPANIONS,
  COMPATIBILITY,
  CONVENTIONS,
  LAYOUT_RULES,
  PURPOSE,
  RECORD_RULES,
} from './prose.ts';
import { numberOf, presenceOf, recordSection, verbatim } from './record-section.ts';
import { COLUMNS, paragraph, wrap } from './wrap.ts';

const TITLE = [
  '# The Live Update stream',
  paragraph(
    'Generated from the definitions in src/stream/records; a test holds it against them. ' +
      'Whoever changes a definition refreshes this file with',
  ),
  '    npx vitest run test/stream/spec -u',
].join('\n\n');

const octetsOf = (fields: readonly HeaderField[]): Element[] =>
  fields.map(({ name, octets }) => ({ kind: 'octets', label: name, octets }));

const headerTable = (fields: readonly HeaderField[]): string[] => {
  let offset = 0;
  return fields.flatMap(({ name, octets, value }) => {
    const lead = `${String(offset).padStart(6)}  ${String(octets).padStart(6)}  ${name.padEnd(10)}  `;
    offset += octets;
    return wrap(value, COLUMNS, lead);
  });
};

const headerFields = (fields: readonly HeaderField[]): string =>
  verbatim([
    'offset  octets  field       value',
    `------  ------  ----------  ${'-'.repeat(COLUMNS - 28)}`,
    ...headerTable(fields),
  ]);

const OVERALL = verbatim([
  'image header',
  'LU_VERSION',
  'system-wide records',
  'for each domain:',
  '    DOMAIN',
  "    the domain's records, those of its vCPUs among them",
  '    END_OF_DOMAIN',
  'END',
]);

const byNumber = (a: RecordDefinition, b: RecordDefinition): number =>
  (RECORD_TYPE[a.name] & 0x7fffffff) - (RECORD_TYPE[b.name] & 0x7fffffff);

const all = (): RecordDefinition[] => RECORD_NAMES.map(definitionOf).toSorted(byNumber);

const index = (): string =>
  verbatim([
    'number      record             where    how often',
    `----------  -----------------  -------  ${'-'.repeat(26)}`,
    ...all().map(
      (d) => `${numberOf(d)}  ${d.name.padEnd(17)}  ${d.scope.padEnd(7)}  ${presenceOf(d)}`,
    ),
  ]);

const GROUPS: readonly { readonly scope: Scope; readonly title: string }[] = [
  { scope: 'mark', title: 'Marks' },
  { scope: 'global', title: 'System-wide records' },
  { scope: 'domain', title: "Records of a domain's block" },
];

/** The whole text of `docs/stream.md`: Markdown in lines of at most 75 columns. */
export const streamSpec = (): string =>
  `${[
    TITLE,
    PURPOSE,
    CONVENTIONS,
    '## The stream as a whole',
    OVERALL,
    LAYOUT_RULES,
    '### Image header',
    paragraph(
      'As that of the libxc stream, big-endian (F10.1). The two are told apart by what follows: ' +
        'LU_VERSION here, a domain header there.',
    ),
    verbatim(drawOctets(octetsOf(IMAGE_HEADER))),
    headerFields(IMAGE_HEADER),
    '### Records',
    RECORD_RULES[0],
    verbatim(
      drawOctets([
        ...octetsOf(RECORD_HEADER),
        { kind: 'band', label: 'body: length octets' },
        { kind: 'band', label: 'zeroes up to a multiple of 8: 0 to 7 octets' },
      ]),
    ),
    headerFields(RECORD_HEADER),
    RECORD_RULES[1],
    'All records by number:',
    index(),
    COMPATIBILITY,
    ...GROUPS.flatMap(({ scope, title }) => [
      `## ${title}`,
      ...all()
        .filter((d) => d.scope === scope)
        .map(recordSection),
    ]),
    COMPANIONS,
  ].join('\n\n')}\n`;
