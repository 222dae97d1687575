/**
 * The `liveupdate=` option (F1.7): `<size>` on a normal boot, `<size>@<address>`
 * for xen#2. Sizes take Xen's suffixes K, M, G; the address is hexadecimal
 * with 0x, or decimal.
 */
import * as E from 'fp-ts/lib/Either.js';
import { FRAMES_PER_2M, PAGE_SIZE } from '../host/constants.ts';
import { type FrameRange, range } from '../host/ranges.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const FOUR_GIB = 2 ** 32;

export interface LiveUpdateOption {
  /** Bytes. */
  readonly size: number;
  /** Physical address, null on a normal boot. */
  readonly address: number | null;
}

/** The value of `liveupdate=`; a multiple of 2 MiB and below 4 GiB, as F1.7 says it must really be. */
export const parseLiveUpdate = (value: string): E.Either<string, LiveUpdateOption> => {
  const m = /^(\d{1,12})([KMG]?)(?:@(0x[0-9a-fA-F]{1,13}|\d{1,15}))?$/.exec(value);
  if (m === null)
    return E.left(`liveupdate=${value}: expected <size>[KMG] or <size>[KMG]@<address>`);
  const size = Number(m[1]) * (UNITS[m[2] as string] as number);
  const address = m[3] === undefined ? null : Number(m[3]);
  const step = FRAMES_PER_2M * PAGE_SIZE;
  if (size === 0 || size % step !== 0)
    return E.left(`liveupdate=${value}: the size must be a multiple of 2 MiB`);
  if (address !== null && (address % step !== 0 || address + size > FOUR_GIB))
    return E.left(`liveupdate=${value}: the region must be 2 MiB aligned and below 4 GiB`);
  return E.right({ size, address });
};

/** The option as it stands in a command line, or null. The last one wins, as in Xen. */
export const findLiveUpdate = (commandLine: string): E.Either<string, LiveUpdateOption | null> => {
  const words = commandLine.split(/\s+/).filter((w) => w.startsWith('liveupdate='));
  const last = words[words.length - 1];
  return last === undefined ? E.right(null) : parseLiveUpdate(last.slice('liveupdate='.length));
};

/** The option that kexec(8) appends for xen#2: whole MiB, base in hex (F1.6). */
export const formatLiveUpdate = (bootmem: FrameRange): string =>
  `liveupdate=${Math.ceil((bootmem.count * PAGE_SIZE) / 2 ** 20)}M@0x${(bootmem.start * PAGE_SIZE).toString(16)}`;

/** The region in frames that an option with an address names. */
export const regionOf = (option: LiveUpdateOption): FrameRange | null =>
  option.address === null ? null : range(option.address / PAGE_SIZE, option.size / PAGE_SIZE);
