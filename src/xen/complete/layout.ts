/**
 * Where Xen itself lies: image, live-update bootmem below it (R24), M2P and
 * frame table. A real host was booted without a bootmem, so its domains may
 * have pages everywhere; these places are found around the known ones.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { FRAMES_PER_2M, PAGE_SIZE } from '../../host/constants.ts';
import { endOf, type FrameRange, range, subtract, total } from '../../host/ranges.ts';
import { type CompletionError, completionError } from './errors.ts';
import { hex, type Notes } from './notes.ts';

/** Bytes of an M2P entry and of a struct page_info (F8.15; the latter Xen-internal). */
const M2P_ENTRY_BYTES = 8;
const PAGE_INFO_BYTES = 32;
/** In units of 2 MiB: the image, and bootmem from most to least. */
const IMAGE_BLOCKS = 2;
const BOOTMEM_BLOCKS = 32;
const BOOTMEM_BLOCKS_MIN = 2;
const FOUR_GIB_BLOCKS = 2048;
/** The first MiB. */
export const LOW_FRAMES = 256;

export interface Layout {
  readonly image: FrameRange;
  readonly bootmem: FrameRange;
  readonly m2p: FrameRange;
  readonly frameTable: FrameRange;
}

const framesFor = (entries: number, bytes: number): number =>
  Math.ceil((entries * bytes) / PAGE_SIZE);

/** Frames that Xen needs for itself on a host of so many frames, the least. */
export const xenDemand = (maxFrames: number): number =>
  LOW_FRAMES +
  (1 + BOOTMEM_BLOCKS_MIN) * FRAMES_PER_2M +
  framesFor(maxFrames, M2P_ENTRY_BYTES) +
  framesFor(maxFrames, PAGE_INFO_BYTES) +
  2 * FRAMES_PER_2M;

export interface LayoutInputs {
  /** Normalised. */
  readonly ram: readonly FrameRange[];
  readonly known: ReadonlyMap<number, unknown>;
  /** Base of the image in bytes, as the boot log shows it. */
  readonly imageBase: bigint | undefined;
  /** Frames that the domains need. */
  readonly demand: number;
}

/** For each 2 MiB: is it all RAM, without a known page, above the first MiB? */
const cleanBlocks = (inputs: LayoutInputs, maxFrames: number): Uint8Array => {
  const clean = new Uint8Array(Math.floor(maxFrames / FRAMES_PER_2M));
  for (const r of inputs.ram)
    clean.fill(1, Math.ceil(r.start / FRAMES_PER_2M), Math.floor(endOf(r) / FRAMES_PER_2M));
  for (const f of inputs.known.keys()) {
    const block = Math.floor(f / FRAMES_PER_2M);
    if (block < clean.length) clean[block] = 0;
  }
  if (clean.length > 0) clean[0] = 0;
  return clean;
};

/** First block of the highest run of `n` clean ones below `end`, or null. */
const highestRun = (clean: Uint8Array, n: number, end: number): number | null => {
  let length = 0;
  for (let b = Math.min(end, clean.length) - 1; b >= 0; b--) {
    length = clean[b] === 1 ? length + 1 : 0;
    if (length === n) return b;
  }
  return null;
};

/** Clean blocks directly below block `at`, at most `max`. */
const cleanBelow = (clean: Uint8Array, at: number, max: number): number => {
  let n = 0;
  while (n < max && at - n - 1 >= 0 && clean[at - n - 1] === 1) n++;
  return n;
};

interface XenPlace {
  readonly image: number;
  readonly imageBlocks: number;
  readonly bootmemBlocks: number;
}

/** The image at its base, as large as it can be, and what is clean below it. */
const atBase = (clean: Uint8Array, base: number, most: number): XenPlace | null => {
  if (clean[base] !== 1) return null;
  const bootmemBlocks = cleanBelow(clean, base, Math.min(most, BOOTMEM_BLOCKS));
  if (bootmemBlocks < BOOTMEM_BLOCKS_MIN) return null;
  const imageBlocks = clean[base + 1] === 1 ? IMAGE_BLOCKS : 1;
  return { image: base, imageBlocks, bootmemBlocks };
};

/** The highest place below 4 GiB with the largest bootmem that there is room for. */
const anywhere = (clean: Uint8Array, most: number): XenPlace | null => {
  for (const imageBlocks of [IMAGE_BLOCKS, 1])
    for (let n = Math.min(most, BOOTMEM_BLOCKS); n >= BOOTMEM_BLOCKS_MIN; n--) {
      const run = highestRun(clean, imageBlocks + n, FOUR_GIB_BLOCKS);
      if (run !== null) return { image: run + n, imageBlocks, bootmemBlocks: n };
    }
  return null;
};

const blocks = (start: number, count: number): FrameRange =>
  range(start * FRAMES_PER_2M, count * FRAMES_PER_2M);

const placeXen = (
  clean: Uint8Array,
  imageBase: bigint | undefined,
  most: number,
  notes: Notes,
): XenPlace | null => {
  if (imageBase === undefined) {
    const place = anywhere(clean, most);
    if (place !== null) notes.assume('image-place', place.imageBlocks * FRAMES_PER_2M);
    return place;
  }
  const base = Number(imageBase / BigInt(FRAMES_PER_2M * PAGE_SIZE));
  const place = atBase(clean, base, most);
  if (place !== null) {
    notes.assume('image-size', place.imageBlocks * FRAMES_PER_2M);
    return place;
  }
  const moved = anywhere(clean, most);
  if (moved === null) return null;
  notes.assume('image-moved', moved.imageBlocks * FRAMES_PER_2M);
  notes.contradict(
    'image-base',
    null,
    `the image lies at ${hex(moved.image * FRAMES_PER_2M)}, not at ${hex(base * FRAMES_PER_2M)}`,
    { shown: base * FRAMES_PER_2M, have: moved.image * FRAMES_PER_2M },
  );
  return moved;
};

/** Takes the highest clean run of whole 2 MiB that holds `frames`. */
const carve = (clean: Uint8Array, frames: number): FrameRange | null => {
  const n = Math.ceil(frames / FRAMES_PER_2M);
  const run = highestRun(clean, n, clean.length);
  if (run === null) return null;
  clean.fill(0, run, run + n);
  return range(run * FRAMES_PER_2M, frames);
};

/** The layout; the error: RAM has no room for it beside the known pages. */
export const layoutOf = (inputs: LayoutInputs, notes: Notes): Either<CompletionError, Layout> => {
  const maxFrames = inputs.ram.reduce((n, r) => Math.max(n, endOf(r)), 0);
  const none = (what: string): Either<CompletionError, never> =>
    left(
      completionError(
        'no-memory',
        `no room for ${what} in ${total(inputs.ram)} frames of RAM`,
        'check the memory map and the page counts of the capture',
      ),
    );
  const m2pFrames = framesFor(maxFrames, M2P_ENTRY_BYTES);
  const tableFrames = framesFor(maxFrames, PAGE_INFO_BYTES);
  const usable = total(subtract(inputs.ram, [range(0, LOW_FRAMES)]));
  const rest = usable - m2pFrames - tableFrames - inputs.demand;
  const most = Math.floor(rest / FRAMES_PER_2M) - IMAGE_BLOCKS;
  if (rest < (1 + BOOTMEM_BLOCKS_MIN) * FRAMES_PER_2M)
    return none('Xen and the pages of all domains');
  const clean = cleanBlocks(inputs, maxFrames);
  const place = placeXen(clean, inputs.imageBase, Math.max(most, BOOTMEM_BLOCKS_MIN), notes);
  if (place === null) return none("Xen's image and live-update bootmem below 4 GiB");
  const image = blocks(place.image, place.imageBlocks);
  const bootmem = blocks(place.image - place.bootmemBlocks, place.bootmemBlocks);
  clean.fill(0, place.image - place.bootmemBlocks, place.image + place.imageBlocks);
  const frameTable = carve(clean, tableFrames);
  if (frameTable === null) return none("Xen's frame table");
  const m2p = carve(clean, m2pFrames);
  if (m2p === null) return none('the M2P');
  notes.assume('bootmem', bootmem.count);
  notes.assume('frame-table', frameTable.count);
  notes.assume('m2p-frames', m2p.count);
  return right({ image, bootmem, m2p, frameTable });
};
