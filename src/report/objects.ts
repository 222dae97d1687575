/**
 * Objects that a verdict names ("d3 port 7", "frame 0x1f"), and their fields
 * in two hosts, side by side: what a person compares first.
 */
import { DOMID_INVALID } from '../host/constants.ts';
import type { PageContent } from '../host/content.ts';
import { FLAG, flagsOf, generalCountOf, ownerOf, typeCountOf } from '../host/frame-table.ts';
import type { Host } from '../host/host.ts';
import { labelled } from './text.ts';

/** A field and its value in words. */
type Fields = Readonly<Record<string, string>>;

const NAME =
  /\b(?:d(\d+)v(\d+)|d(\d+) port (\d+)|d(\d+) grant (0x[0-9a-f]+)|d(\d+) handle (\d+)|frame (0x[0-9a-f]+)|d(\d+))\b/;

/** Objects that are shown; more help nobody. */
const MAX_OBJECTS = 6;
/** Fields of one object that are shown. */
const MAX_FIELDS = 8;

/** The names in the lines, each once, in their order. */
export const namesIn = (offenders: readonly string[]): readonly string[] => [
  ...new Set(offenders.flatMap((line) => NAME.exec(line)?.[0] ?? [])),
];

const flatten = (value: unknown, path: string, into: Record<string, string>): void => {
  if (typeof value !== 'object' || value === null) into[path] = String(value);
  else if (Array.isArray(value) && value.every((v) => typeof v !== 'object'))
    into[path] = `[${value.join(' ')}]`;
  else
    for (const [key, inner] of Object.entries(value))
      flatten(inner, path === '' ? key : `${path}.${key}`, into);
};

const fieldsOf = (value: unknown): Fields => {
  const fields: Record<string, string> = {};
  flatten(value, '', fields);
  return fields;
};

/** Pages of bytes and of words are not spelled out. */
const described = (content: PageContent): object =>
  Object.fromEntries(Object.entries(content).filter(([, v]) => !ArrayBuffer.isView(v)));

const frameFields = (host: Host, frame: number): Fields => {
  const { frames } = host.xen;
  if (frame >= frames.owner.length) return {};
  const owner = ownerOf(frames, frame);
  const flags = flagsOf(frames, frame);
  const content = host.hardware.content[frame];
  return {
    owner: owner === DOMID_INVALID ? 'nobody' : `d${owner}`,
    free: String((flags & FLAG.free) !== 0),
    type: String(flags & FLAG.typeMask),
    generalCount: String(generalCountOf(frames, frame)),
    typeCount: String(typeCountOf(frames, frame)),
    ...(content === undefined ? {} : fieldsOf({ content: described(content) })),
  };
};

/** The fields of a named object in a host; empty: it is not there. */
const fieldsIn = (host: Host, name: string): Fields => {
  const m = NAME.exec(name);
  if (m === null) return {};
  const [, vd, v, pd, port, gd, ref, hd, handle, frame, id] = m;
  if (frame !== undefined) return frameFields(host, Number(frame));
  const d = host.xen.domains[Number(vd ?? pd ?? gd ?? hd ?? id)];
  if (d === undefined) return {};
  if (v !== undefined) return fieldsOf(d.vcpus[Number(v)] ?? {});
  if (port !== undefined) return fieldsOf(d.events.channels[Number(port)] ?? {});
  if (ref !== undefined) return fieldsOf(d.grants.active[Number(ref)] ?? {});
  if (handle !== undefined) return fieldsOf(d.grants.maptrack[Number(handle)] ?? {});
  const { vcpus: _v, events: _e, grants: _g, ...own } = d;
  return fieldsOf(own);
};

const lineOf = (fields: Fields, shown: readonly string[]): string =>
  Object.keys(fields).length === 0
    ? 'not there'
    : shown.map((f) => `${f} ${fields[f] ?? 'none'}`).join(', ');

/** One object in both hosts: the fields that differ, or its first ones if none does. */
const objectText = (name: string, before: Host, after: Host): string[] => {
  const [a, b] = [fieldsIn(before, name), fieldsIn(after, name)];
  const all = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const different = all.filter((f) => a[f] !== b[f]);
  const shown = (different.length > 0 ? different : all).slice(0, MAX_FIELDS);
  if (all.length === 0) return labelled(`  ${name}`, 'in neither host', 26);
  if (different.length === 0) return labelled(`  ${name}`, `as before  ${lineOf(a, shown)}`, 26);
  return [
    ...labelled(`  ${name}`, `before  ${lineOf(a, shown)}`, 26),
    ...labelled('', `after   ${lineOf(b, shown)}`, 26),
  ];
};

/** The objects that offend, before and after, in lines of at most 75 columns. */
export const objectsText = (
  offenders: readonly string[],
  before: Host,
  after: Host,
): readonly string[] => {
  const names = namesIn(offenders);
  const more = names.length > MAX_OBJECTS ? [`  and ${names.length - MAX_OBJECTS} more`] : [];
  return [...names.slice(0, MAX_OBJECTS).flatMap((n) => objectText(n, before, after)), ...more];
};
