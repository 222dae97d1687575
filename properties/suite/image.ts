/** Images that kexec may be given: other versions, sizes and limits than the running Xen's. */
import fc from 'fast-check';
import { VERSIONS, type XenVersion } from '../../src/design/versions.ts';
import type { XenBuild } from '../../src/host/system.ts';

/** xen#2 before it runs. Absent limits and sizes are those of xen#1. */
export interface Image {
  readonly to: XenVersion;
  readonly build: Partial<Omit<XenBuild, 'version'>>;
}

const FRAMES_PER_2M = 512;

/** Any version; now and then a larger or smaller image, or other limits on grant tables. */
export const imageArbitrary: fc.Arbitrary<Image> = fc.record({
  to: fc.constantFrom(...VERSIONS),
  build: fc.oneof(
    { withCrossShrink: true },
    { weight: 14, arbitrary: fc.constant({}) },
    { weight: 4, arbitrary: fc.nat(FRAMES_PER_2M * 2).map((n) => ({ imageFrames: 1 + n })) },
    { weight: 1, arbitrary: fc.constantFrom(1, 2).map((n) => ({ gnttabMaxVersion: n })) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 80 }).map((n) => ({ gnttabMaxFrames: n })) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 1100 }).map((n) => ({ gnttabMaxMaptrackFrames: n })),
    },
  ),
});

/** 0 to 3: see `staying`. */
export const staysArbitrary: fc.Arbitrary<number> = fc.nat(3);

/**
 * The image, of the running version in three quarters of the cases in which a
 * teardown is carried on with: in another version its caller could not go on
 * with the domctl (F3.9), so that it would be finished before the save.
 */
export const staying = (
  image: Image,
  running: XenVersion,
  n: number,
  teardown: string | undefined,
): Image => (teardown === 'exact' && n > 0 ? { ...image, to: running } : image);

/** "Xen 4.20, imageFrames 700". */
export const describeImage = ({ to, build }: Image): string =>
  [`Xen ${to.id}`, ...Object.entries(build).map(([k, v]) => `${k} ${v}`)].join(', ');
