/**
 * Where the pages of a given PV guest lie: frames for its pfns. The dump
 * shows frames, the stream pfns, and nothing which belongs to which; but a
 * frame that is granted or holds event words is no page table.
 */
import type { PvGuest } from '../migration/guest-image.ts';
import { hasPage, tableLevel } from '../migration/record-types.ts';

/**
 * Frames in ascending order of pfns, but that `special` ones, which are used
 * as writable pages, change places with the next that may be: no page table
 * and no descriptor table gets one while a plain page is left. There are as
 * many `ordinary` frames, ascending, as the guest has pages. The answer is
 * parallel to the guest's page list, 0 where a pfn has no page.
 */
export const placePages = (
  guest: PvGuest,
  ordinary: Uint32Array,
  special: ReadonlySet<number>,
): Uint32Array => {
  const { types, pfns } = guest.pages;
  const descriptors = new Set(guest.vcpus.flatMap((v) => v.gdtPfns));
  const present = [...types.keys()].filter((i) => hasPage(types[i] ?? 0));
  const isPlain = (i: number): boolean =>
    tableLevel(types[i] ?? 0) === 0 && !descriptors.has(pfns[i] ?? 0);
  const own = ordinary.slice();
  let next = 0;
  present.forEach((page, at) => {
    if (!special.has(own[at] ?? 0) || isPlain(page)) return;
    const mayTake = (n: number): boolean =>
      isPlain(present[n] as number) && !special.has(own[n] ?? 0);
    while (next < present.length && !mayTake(next)) next++;
    if (next === present.length) return;
    [own[at], own[next]] = [own[next] as number, own[at] as number];
  });
  const frames = new Uint32Array(types.length);
  present.forEach((page, at) => {
    frames[page] = own[at] ?? 0;
  });
  return frames;
};
