/** Which frames are RAM: of the boot log, else of the NUMA nodes, else of what is seen. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { FRAMES_PER_2M, PAGE_SIZE } from '../../host/constants.ts';
import {
  contains,
  endOf,
  type FrameRange,
  fromFrames,
  normalise,
  range,
  subtract,
  total,
  union,
} from '../../host/ranges.ts';
import type { Reading } from '../capture/reading.ts';
import { type CompletionError, completionError } from './errors.ts';
import { hex, type Notes } from './notes.ts';

const FRAMES_PER_MIB = 256;
/** 4 GiB in frames: below it lies the window of PCI devices. */
const FOUR_GIB = 0x10_0000;
/** The frames of zone 20, the upper half below 4 GiB. */
const ZONE_20 = 0x8_0000;
/** 0xa0 to 0xff: video memory and firmware of a PC. */
const LOW_HOLE = range(0xa0, 0x60);

export interface ShownRam {
  readonly source: 'e820' | 'numa';
  readonly ranges: readonly FrameRange[];
}

const tooLarge = (frames: number, limit: number): CompletionError =>
  completionError(
    'too-large',
    `memory reaches frame ${hex(frames)}, beyond the limit ${hex(limit)}`,
    'hosts of this size need a higher frame limit',
  );

/** The map that the capture shows, or null; the error: it reaches beyond `limit` frames. */
export const shownRam = (
  reading: Reading,
  limit: number,
): Either<CompletionError, ShownRam | null> => {
  const size = BigInt(PAGE_SIZE);
  const usable = reading.boot.e820
    .filter((e) => e.type === 'usable' && e.last > e.first)
    .map((e) => ({
      first: Number((e.first + size - 1n) / size),
      end: Number((e.last + 1n) / size),
    }));
  const spanned = (reading.memory.numa?.nodes ?? []).map((n) => ({
    first: n.startPfn,
    end: n.startPfn + n.spannedPages,
  }));
  const source = usable.length > 0 ? 'e820' : 'numa';
  const list = usable.length > 0 ? usable : spanned;
  const end = list.reduce((n, r) => Math.max(n, r.end), 0);
  if (end > limit) return left(tooLarge(end, limit));
  const ranges = normalise(list.map((r) => range(r.first, r.end - r.first)));
  return right(ranges.length === 0 ? null : { source, ranges });
};

/**
 * Where RAM ends below 4 GiB. Firmware keeps the top of that space for PCI;
 * neither `u` nor any count says where it begins. `xl info` knows the sum;
 * without it, zone 20 is taken as all hole if nothing in it is free or seen.
 */
const pciHole = (
  reading: Reading,
  ram: readonly FrameRange[],
  highestBelow: number,
): FrameRange => {
  const free = (reading.memory.heapZones ?? [])
    .filter((z) => z.zone === 20)
    .reduce((n, z) => n + z.freePages, 0);
  const megabytes = reading.companions.info?.totalMemoryMiB;
  const lowest = Math.max(highestBelow + 1, free > 0 ? ZONE_20 + free : 0);
  const zonesShown = reading.memory.heapZones !== undefined;
  const guess =
    megabytes !== undefined
      ? FOUR_GIB - Math.max(0, total(ram) - megabytes * FRAMES_PER_MIB)
      : zonesShown && free === 0 && highestBelow < ZONE_20
        ? ZONE_20
        : FOUR_GIB - FOUR_GIB / 16;
  const start = Math.min(FOUR_GIB, Math.max(lowest, guess));
  return range(start, FOUR_GIB - start);
};

export interface RamInputs {
  readonly reading: Reading;
  readonly shown: ShownRam | null;
  /** All known frames. */
  readonly known: Iterable<number>;
  /** Frames that the domains, Xen's tables and image need at least. */
  readonly demand: (maxFrames: number) => number;
  readonly limit: number;
}

/** 64 MiB beyond what is needed, where the size of RAM is assumed. */
const SLACK = 64 * FRAMES_PER_MIB;

const roundUp = (n: number): number => Math.ceil(n / FRAMES_PER_2M) * FRAMES_PER_2M;

const withoutHoles = (
  inputs: RamInputs,
  whole: readonly FrameRange[],
  seen: readonly number[],
  notes: Notes,
): FrameRange[] => {
  const known = new Set(seen);
  const lowFree = [...Array(LOW_HOLE.count).keys()].every((i) => !known.has(LOW_HOLE.start + i));
  const low = lowFree ? subtract(whole, [LOW_HOLE]) : [...whole];
  if (lowFree && contains(whole, LOW_HOLE.start)) notes.assume('low-hole', LOW_HOLE.count);
  if (!contains(whole, FOUR_GIB - 1) || !contains(whole, FOUR_GIB)) return low;
  const below = seen.reduce((n, f) => (f < FOUR_GIB ? Math.max(n, f) : n), 0);
  const hole = pciHole(inputs.reading, low, below);
  const ram = subtract(low, [hole]);
  const end = ram.reduce((n, r) => Math.max(n, endOf(r)), 0);
  if (hole.count === 0 || total(ram) < inputs.demand(end)) return low;
  notes.assume('pci-hole', hole.count);
  return ram;
};

/** Frames [0, end) such that all that is needed and some more fits. */
const assumedRam = (inputs: RamInputs, highest: number, notes: Notes): FrameRange[] => {
  let end = Math.max(roundUp(highest + 1), roundUp(inputs.demand(highest + 1) + SLACK));
  // A hole below 4 GiB makes the rest reach further up.
  for (let i = 0; i < 2; i++) end = Math.max(end, roundUp(inputs.demand(end) + SLACK));
  if (end > FOUR_GIB - FOUR_GIB / 16) end = Math.max(end, FOUR_GIB + roundUp(FOUR_GIB / 16));
  notes.assume('ram-frames', end);
  return [range(0, end)];
};

/** RAM in frames, normalised; the error: it would reach beyond the limit. */
export const ramOf = (
  inputs: RamInputs,
  notes: Notes,
): Either<CompletionError, readonly FrameRange[]> => {
  const { shown, limit } = inputs;
  const seen = [...inputs.known];
  const highest = seen.reduce((a, b) => Math.max(a, b), 0);
  if (shown?.source === 'e820') {
    const outside = seen.filter((f) => !contains(shown.ranges, f));
    notes.assume('ram-outside', outside.length);
    return right(union(shown.ranges, fromFrames(outside)));
  }
  if (shown !== null) {
    notes.assume('ram-numa', total(shown.ranges));
    const outside = seen.filter((f) => !contains(shown.ranges, f));
    notes.assume('ram-outside', outside.length);
    const ranges = withoutHoles(inputs, shown.ranges, seen, notes);
    return right(union(ranges, fromFrames(outside)));
  }
  const needed = inputs.demand(highest + 1) + SLACK;
  if (!Number.isSafeInteger(needed) || needed > limit) return left(tooLarge(needed, limit));
  const whole = assumedRam(inputs, highest, notes);
  const end = endOf(whole[0] as FrameRange);
  if (end > limit) return left(tooLarge(end, limit));
  return right(withoutHoles(inputs, whole, seen, notes));
};
