/** Which of several formats a stream is of. */
import * as E from 'fp-ts/lib/Either.js';
import type { ByteCursor } from '../framing/byte-source.ts';
import { type Finding, findingOf } from './finding.ts';
import { type Format, LEAST_BYTES, SNIFF_BYTES } from './format.ts';

/**
 * The first format that recognises the bytes at the cursor, which stays where
 * it is. Errors: a source that failed, too few bytes, no format.
 */
export const recognised = async (
  cursor: ByteCursor,
  formats: readonly Format[],
): Promise<E.Either<Finding, Format>> => {
  const { offset } = cursor;
  const first = await cursor.peek(SNIFF_BYTES);
  if (E.isLeft(first)) return E.left(findingOf(first.left));
  const available = first.right.byteLength;
  if (available < LEAST_BYTES) {
    const [what, wanted] = ['stream header', LEAST_BYTES];
    return E.left(findingOf({ kind: 'truncated', offset, what, wanted, available }));
  }
  const format = formats.find(({ recognises }) => recognises(first.right));
  if (format !== undefined) return E.right(format);
  const known = formats.map(({ name }) => name).join(', ');
  const message = `no stream of a known format (${known})`;
  return E.left({ severity: 'error', offset, rule: 'F10.1', message });
};
