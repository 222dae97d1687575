/** A guest out of its save stream, as `import` shows it. */
import * as E from 'fp-ts/lib/Either.js';
import { fileSource } from '../stream/framing/file-source.ts';
import type { PlacedFinding } from '../stream/lint/finding.ts';
import type { GuestImage } from '../xen/migration/guest-image.ts';
import { readGuestSave } from '../xen/migration/read-guest.ts';
import { isSaveStream } from '../xen/migration/save-stream.ts';
import { type BadInput, oneProblem } from './result.ts';

/** Is it a file that begins like a save stream, plain or xz? */
export const isGuestSave = async (path: string): Promise<boolean> => {
  const source = await fileSource(path);
  return E.isRight(source) && (await isSaveStream(source.right));
};

const refusal = (path: string, { offset, layer, record, rule, message }: PlacedFinding): BadInput =>
  oneProblem(
    `${path}`,
    `byte 0x${offset.toString(16)}, ${layer} ${record}: ${message} (${rule})`,
    'a restore would refuse it too; xen-lu lint lists all faults',
  );

/** Reads a guest. Left: the file cannot be read, or the first fault of its stream. */
export const readGuest = async (path: string): Promise<E.Either<BadInput, GuestImage>> => {
  const source = await fileSource(path);
  if (E.isLeft(source)) return E.left(oneProblem(path, source.left));
  const guest = await readGuestSave(source.right);
  return E.isLeft(guest) ? E.left(refusal(path, guest.left)) : E.right(guest.right);
};
