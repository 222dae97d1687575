/** The section of one kind of record. */
import { hex } from '../framing/errors.ts';
import type { Presence, RecordDefinition } from '../records/definition.ts';
import { isOptionalRecord } from '../records/registry.ts';
import { RECORD_TYPE } from '../records/types.ts';
import { diagramsOf } from './diagram.ts';
import { conditionsOf, fieldGroups, fieldTable } from './field-table.ts';
import { drawOctets } from './octet-grid.ts';
import { bullet, paragraph } from './wrap.ts';

/** Lines as they are, in a fixed width. */
export const verbatim = (lines: readonly string[]): string =>
  ['```text', ...lines, '```'].join('\n');

export const numberOf = (d: RecordDefinition): string => hex(RECORD_TYPE[d.name], 8);

const PRESENCE: Readonly<Record<Presence, string>> = {
  always: 'always there',
  optional: 'there or not',
  'per-vcpu': 'at most once for each vCPU',
};

export const presenceOf = (d: RecordDefinition): string => PRESENCE[d.presence];

const SCOPE = { global: 'system-wide', domain: "in a domain's block", mark: 'a mark' } as const;

const ifUnknown = (d: RecordDefinition): string =>
  isOptionalRecord(d.name) ? 'passed over' : 'the stream is refused';

const facts = (d: RecordDefinition): string[] =>
  [
    `Where: ${SCOPE[d.scope]}, ${presenceOf(d)}.`,
    `To a reader that does not know it: ${ifUnknown(d)}.`,
    `Sources: ${d.doc.sources.join(', ')}.`,
  ].map(bullet);

const diagrams = (d: RecordDefinition): string[] =>
  diagramsOf(d.schema.shape).flatMap(({ title, elements }) => [
    ...(title === null ? [] : [`\`${title}\`:`]),
    verbatim(elements.length === 0 ? ['(no body)'] : drawOctets(elements)),
  ]);

const tables = (d: RecordDefinition): string[] =>
  fieldGroups(d.schema.shape).flatMap(({ of, rows }) => [
    ...(of === '' ? [] : [`Each of \`${of}\`:`]),
    verbatim(fieldTable(rows)),
  ]);

const conditions = (d: RecordDefinition): string[] => {
  const all = conditionsOf(d.schema.shape).map(({ path, rule }) => bullet(`\`${path}\`: ${rule}.`));
  return all.length === 0 ? [] : ['Refused unless:', all.join('\n')];
};

const order = (d: RecordDefinition): string[] => {
  const { needs, follows, orderSources } = d;
  if (needs.length + follows.length === 0) return [];
  const parts = [
    ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')} before it`]),
    ...(follows.length === 0 ? [] : [`comes after ${follows.join(', ')} where there is one`]),
  ];
  const because = orderSources.length === 0 ? '' : ` (${orderSources.join(', ')})`;
  return [paragraph(`Order: ${parts.join('; ')}${because}.`)];
};

/** Heading, what and why, octets, fields, conditions, order. */
export const recordSection = (d: RecordDefinition): string =>
  [
    `### ${d.name} (${numberOf(d)})`,
    paragraph(d.doc.what),
    paragraph(d.doc.why),
    facts(d).join('\n'),
    ...diagrams(d),
    ...tables(d),
    ...conditions(d),
    ...order(d),
  ].join('\n\n');
