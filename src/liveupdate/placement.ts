/**
 * Where xen#2 goes (R28, R41): bootmem and xen#1's image count as one
 * space; xen#2's image takes its very top on a 2 MiB boundary, what is left
 * below is the new bootmem, smaller or larger than before.
 */
import * as E from 'fp-ts/lib/Either.js';
import { FRAMES_PER_2M } from '../host/constants.ts';
import { FLAG, type FrameTable, flagsOf, frameCount } from '../host/frame-table.ts';
import { endOf, type FrameRange, range } from '../host/ranges.ts';

export interface Placement {
  readonly image: FrameRange;
  readonly bootmem: FrameRange;
  /** Page of bootmem where the image's lowest segment lies; absent: none before page 1 (F1.6). */
  readonly lowestSegment?: number;
}

/** Frames that an image of `imageFrames` occupies: whole 2 MiB. */
export const imageSpan = (imageFrames: number): number =>
  Math.ceil(imageFrames / FRAMES_PER_2M) * FRAMES_PER_2M;

/** Bootmem that any xen#2 needs before it has read the stream: one 2 MiB. */
export const MIN_BOOTMEM = FRAMES_PER_2M;

/**
 * The place of an image in the space of `bootmem` and `image`, or why it has
 * none. `aligned` is R41; without it the image lies as high as it can.
 */
export const place = (
  bootmem: FrameRange,
  image: FrameRange,
  imageFrames: number,
  aligned = true,
): E.Either<string, Placement> => {
  if (bootmem.count === 0) return E.left('no live-update bootmem is reserved (R24)');
  if (endOf(bootmem) !== image.start)
    return E.left('bootmem does not end where the image begins (R24)');
  // The top of xen#1's image, rounded down, is where xen#2 must end to start aligned.
  const top = Math.floor(endOf(image) / FRAMES_PER_2M) * FRAMES_PER_2M;
  const start = top - (aligned ? imageSpan(imageFrames) : imageFrames);
  if (start < bootmem.start + MIN_BOOTMEM)
    return E.left(
      `xen#2's image of ${imageFrames} frames leaves less than 2 MiB of bootmem in ` +
        `${bootmem.count + image.count} frames (R28)`,
    );
  return E.right({
    image: range(start, endOf(image) - start),
    bootmem: range(bootmem.start, start - bootmem.start),
  });
};

/**
 * A place in the running Xen's heap instead (Q10): the lowest run of free
 * frames on 2 MiB for bootmem of `bootmemFrames` and the image above it.
 */
export const placeAnywhere = (
  frames: FrameTable,
  bootmemFrames: number,
  imageFrames: number,
): E.Either<string, Placement> => {
  const span = imageSpan(imageFrames);
  const need = bootmemFrames + span;
  let start = 0;
  for (let f = 0; f < frameCount(frames) && f < start + need; f++)
    if ((flagsOf(frames, f) & FLAG.free) === 0)
      start = (Math.floor(f / FRAMES_PER_2M) + 1) * FRAMES_PER_2M;
  if (start + need > frameCount(frames))
    return E.left(`no ${need} free frames in a row on 2 MiB for xen#2 (Q10)`);
  return E.right({
    bootmem: range(start, bootmemFrames),
    image: range(start + bootmemFrames, span),
  });
};
