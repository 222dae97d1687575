/**
 * A Xen host: the hardware, and the Xen that runs on it. Everything under
 * `xen` is that instance's private knowledge and ends with it; a later Xen
 * has the hardware, a command line and its own build, nothing else.
 */
import * as t from 'io-ts';
import { byNumber, Natural } from './codec.ts';
import { Domain } from './domain.ts';
import { type FrameTable, FrameTable as FrameTableCodec } from './frame-table.ts';
import { Hardware } from './hardware.ts';
import { FrameRange } from './ranges.ts';
import { System, XenBuild } from './system.ts';

/** Memory that an instance keeps for itself: outside any domain, gone with it. */
export const PrivateMemory = t.readonly(
  t.type({ use: t.keyof({ frametable: null, heap: null, stream: null }), frames: FrameRange }),
  'PrivateMemory',
);
export type PrivateMemory = t.TypeOf<typeof PrivateMemory>;

const XenFields = {
  /** Counts the instances of Xen on this machine, from 1; tells xen#1's pointers from xen#2's. */
  instance: Natural,
  build: XenBuild,
  commandLine: t.string,
  /** Nanoseconds of system time, NOW() (F10.12). Exact below 2^53 ns, 104 days; beyond rounded. */
  now: Natural,
  /** What system time was at platform time 0: NOW() = platformTime + timeOffset. */
  timeOffset: t.Integer,
  image: FrameRange,
  /** Live-update bootmem, directly below the image (R24). */
  bootmem: FrameRange,
  private: t.readonlyArray(PrivateMemory),
  domains: byNumber(Domain),
  system: System,
};

export const Xen = t.readonly(t.type({ ...XenFields, frames: FrameTableCodec }), 'Xen');
type XenOutside = t.TypeOf<typeof Xen>;
export type Xen = Omit<XenOutside, 'frames'> & { readonly frames: FrameTable };

/** The codec of a whole host; its JSON form is what golden vectors hold. */
export const HostCodec = t.readonly(t.type({ hardware: Hardware, xen: Xen }), 'Host');
export type Host = { readonly hardware: Hardware; readonly xen: Xen };
