/** Values of machines as JSON, whatever they hold. */

/**
 * JSON of any value that a context can hold: sets and typed arrays as lists,
 * maps as lists of pairs, what JSON has no word for as text.
 */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, replace, indent) ?? 'undefined';
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Set || value instanceof Map) return [...value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return value;
}
