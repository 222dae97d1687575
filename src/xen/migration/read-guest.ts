/** Reads a guest from the stream that `xl save` or libxc wrote. */
import * as E from 'fp-ts/lib/Either.js';
import { ByteCursor, type ByteSource } from '../../stream/framing/byte-source.ts';
import { decompressed } from '../../stream/framing/xz.ts';
import type { Finding, PlacedFinding } from '../../stream/lint/finding.ts';
import { recognised } from '../../stream/lint/recognise.ts';
import { StreamWalk } from '../../stream/lint/walk.ts';
import { GuestBuilder, type OnPage } from './guest-builder.ts';
import type { GuestImage } from './guest-image.ts';
import { saveFormats } from './save-stream.ts';

export interface ReadGuestOptions {
  /**
   * Called for every page with contents that is no page table, in the order
   * of the stream, once for each time that the stream has it. The bytes are
   * valid during the call only.
   */
  readonly onPage?: OnPage;
}

/**
 * Reads a stream of xl, libxl or libxc, versions 2 and 3, either byte order,
 * plain or compressed with xz. Page tables are kept (4 KiB each), and 9 bytes
 * for each pfn named; other page contents are not. `Left` is the first reason
 * for which a restore has to refuse the stream, with its byte offset.
 */
export const readGuestSave = async (
  source: ByteSource,
  options: ReadGuestOptions = {},
): Promise<E.Either<PlacedFinding, GuestImage>> => {
  const cursor = new ByteCursor(decompressed(source));
  const builder = new GuestBuilder(options.onPage);
  try {
    const format = await recognised(cursor, saveFormats(builder.opened));
    if (E.isLeft(format)) return refused(format.left);
    await new StreamWalk(cursor, builder).run(format.right);
    if (builder.error !== undefined) return E.left(builder.error);
    const guest = builder.finish();
    if (guest !== undefined) return E.right(guest);
    const [offset, message] = [cursor.offset, 'the stream has no guest in it'];
    return refused({ severity: 'error', offset, rule: 'F10.5', message });
  } finally {
    await cursor.close();
  }
};

const refused = (finding: Finding) =>
  E.left<PlacedFinding>({ ...finding, layer: 'stream', record: 'header' });
