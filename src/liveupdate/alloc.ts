/** Taking free frames of the running Xen for hypervisor use, and giving them back. */
import { DOMID_INVALID } from '../host/constants.ts';
import { draftOf, FLAG, type FrameTable, flagsOf, frameCount } from '../host/frame-table.ts';
import type { Host } from '../host/host.ts';

/**
 * The `n` lowest free frames from `from` on, or null when there are fewer.
 * Lowest first, so that the same host always gives the same frames.
 */
export const findFree = (frames: FrameTable, n: number, from = 0): number[] | null => {
  const found: number[] = [];
  for (let f = from; f < frameCount(frames) && found.length < n; f++)
    if ((flagsOf(frames, f) & FLAG.free) !== 0) found.push(f);
  return found.length === n ? found : null;
};

/** The lowest run of `n` free frames with no gap, or null. */
export const findFreeRun = (frames: FrameTable, n: number): number | null => {
  let start = 0;
  let length = 0;
  for (let f = 0; f < frameCount(frames); f++) {
    if ((flagsOf(frames, f) & FLAG.free) === 0) {
      length = 0;
      continue;
    }
    if (length === 0) start = f;
    if (++length >= n) return start;
  }
  return null;
};

const withFlags = (host: Host, list: Iterable<number>, flags: number): Host => {
  const frames = draftOf(host.xen.frames);
  for (const f of list) {
    frames.flags[f] = flags;
    frames.owner[f] = DOMID_INVALID;
  }
  return { ...host, xen: { ...host.xen, frames } };
};

/** Marks free frames as Xen's own. */
export const takeFrames = (host: Host, list: Iterable<number>): Host =>
  withFlags(host, list, FLAG.reserved);

/** Gives Xen's own frames back to the heap; what they held is dirt (F8.14). */
export const giveBack = (host: Host, list: Iterable<number>): Host =>
  withFlags(host, list, FLAG.free | FLAG.needScrub);
