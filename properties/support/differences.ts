/** Differences of two hosts in the words that people use of the objects. */
import type { Difference } from '../../src/host/diff.ts';

/** "xen.domains.3.vcpus.1.registers.rax" is said as "d3v1 registers.rax". */
export const placeOf = ({ path }: Pick<Difference, 'path'>): string =>
  path
    .replace(/^xen\.domains\.(\d+)\.vcpus\.(\d+)\.?/, 'd$1v$2 ')
    .replace(/^xen\.domains\.(\d+)\.events\.channels\.(\d+)\.?/, 'd$1 port $2 ')
    .replace(/^xen\.domains\.(\d+)\.?/, 'd$1 ')
    .replace(/^(?:xen\.frames|hardware\.content)\.(0x[0-9a-f]+)\.?/, 'frame $1 ')
    .trim();

/** Bytes and words of memory only by their number. */
const withoutBytes = (_key: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? `${value.byteLength} bytes` : value;

/** Longest text of a value. */
const MAX_VALUE = 60;

/** A value in at most 60 characters. */
export const valueText = (value: unknown): string => {
  const json = JSON.stringify(value, withoutBytes) ?? 'nothing';
  return json.length > MAX_VALUE ? `${json.slice(0, MAX_VALUE - 3)}...` : json;
};
