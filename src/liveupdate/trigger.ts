/**
 * The trigger (R10 to R13): images in the kexec slot, and the request. The
 * slot is shared by images for an update and kernels to reboot into, as in
 * the code of 2020 (F1.11); whether it may change while an update is under
 * way is asked in the machine (R10).
 */
import * as E from 'fp-ts/lib/Either.js';
import { keeps } from '../design/design.ts';
import { versionOf } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import { contentOf, xenWrites } from '../host/hardware.ts';
import type { Host, Xen } from '../host/host.ts';
import { framesOf, range } from '../host/ranges.ts';
import { giveBack, takeFrames } from './alloc.ts';
import { enter } from './boot.ts';
import { decodeBreadcrumb } from './breadcrumb.ts';
import { findLiveUpdate, formatLiveUpdate } from './command-line.ts';
import { incompatibilities } from './compatibility.ts';
import { park } from './pause.ts';
import { imageSpan, type Placement, place, placeAnywhere } from './placement.ts';
import { hostOf, note, type Update, type UpdateEvent } from './update-state.ts';

type Load = Extract<UpdateEvent, { readonly type: 'kexec.load' }>;
type LoadDefault = Extract<UpdateEvent, { readonly type: 'kexec.load_default' }>;

const isAnywhere = (u: Update): boolean => u.design.policies.Q10 === 'anywhere';

/** An image in the heap takes its place out of it, until it is unloaded (Q10). */
const claim = (u: Update, host: Host, p: Placement): Host =>
  isAnywhere(u) ? takeFrames(host, framesOf([p.bootmem, p.image])) : host;
const release = (u: Update): Host =>
  u.place !== null && isAnywhere(u)
    ? giveBack(hostOf(u), framesOf([u.place.bootmem, u.place.image]))
    : hostOf(u);

/** Without R28 an image begins where xen#1's does, and grows into what lies above. */
const overXen1 = (u: Update, imageFrames: number): E.Either<string, Placement> => {
  const { bootmem, image } = hostOf(u).xen;
  return keeps(u.design, 'R28')
    ? place(bootmem, image, imageFrames, keeps(u.design, 'R41'))
    : E.right({ bootmem, image: range(image.start, imageSpan(imageFrames)) });
};

const placeFor = (u: Update, event: Load): E.Either<string, Placement> => {
  const host = hostOf(u);
  const { Q11, Q15 } = u.design.policies;
  const option = findLiveUpdate(event.commandLine);
  if (E.isLeft(option)) return option;
  if (versionOf(event.build.version) === null)
    return E.left(`Xen ${event.build.version} is not described in design/versions`);
  if (event.lowestSegment === 0 && keeps(u.design, 'F1.3.first-page'))
    return E.left(
      'a segment lies on the first page of bootmem, the place of the breadcrumb (F1.3)',
    );
  if (isAnywhere(u))
    return placeAnywhere(host.xen.frames, host.xen.bootmem.count, event.build.imageFrames);
  const placed = overXen1(u, event.build.imageFrames);
  const changes = E.isRight(placed) && placed.right.bootmem.count !== host.xen.bootmem.count;
  if (changes && Q11 === 'fixed') return E.left('the image would change the size of bootmem (Q11)');
  return changes && Q15 === 'partition'
    ? E.left('the image would move the border to the crash kernel (Q15)')
    : placed;
};

/** Is there a place for this image (R28), and is its option one that Xen can read (F1.7)? */
export const imageFits = (u: Update, event: Load): boolean => E.isRight(placeFor(u, event));

/** kexec_load: the image goes into the default slot, with the option that kexec(8) appends (F1.6). */
export const load = (u: Update, event: Load): Update => {
  const placed = placeFor(u, event);
  if (E.isLeft(placed)) return note(u, placed.left);
  const commandLine = `${event.commandLine} ${formatLiveUpdate(placed.right.bootmem)}`.trim();
  const taken = claim(u, release(u), placed.right);
  const image = { type: 'live_update' as const, build: event.build, commandLine };
  const { lowestSegment } = event;
  return {
    ...u,
    refusals: [],
    to: versionOf(event.build.version),
    place: { ...placed.right, ...(lowestSegment === undefined ? {} : { lowestSegment }) },
    host: withKexec(u.design.policies.Q15 === 'shared' ? withoutCrashKernel(taken) : taken, image),
  };
};

/** A kernel to reboot into takes the slot, whatever was in it (F1.11, S10). */
export const loadDefault = (u: Update, { build, commandLine }: LoadDefault): Update => ({
  ...unload(u),
  host: withKexec(release(u), { type: 'default', build, commandLine }),
});

/** Where both share one region, the image is loaded over the crash kernel (Q15). */
const withoutCrashKernel = (host: Host): Host => {
  const { system } = host.xen;
  const kexec = { ...system.kexec, crash: null };
  return { ...host, xen: { ...host.xen, system: { ...system, kexec } } };
};

const withKexec = (host: Host, image: Xen['system']['kexec']['default']): Host => ({
  ...host,
  xen: {
    ...host.xen,
    system: { ...host.xen.system, kexec: { ...host.xen.system.kexec, default: image } },
  },
});

export const unload = (u: Update): Update => ({
  ...u,
  to: null,
  place: null,
  refusals: [],
  host: withKexec(release(u), null),
});

/** Is there anything in the slot? */
export const isLoaded = (u: Update): boolean => hostOf(u).xen.system.kexec.default !== null;

/** May the slot change while an update is under way? Only without R10. */
export const slotIsOpen = (u: Update): boolean => !keeps(u.design, 'R10');

/**
 * Everything that can be known before touching a domain: can xen#2 carry this
 * host? Without R13 the vCPU that asks stays in the hypercall until the
 * update is over, and its domain with it.
 */
export const check = (u: Update): Update => {
  const host = hostOf(u);
  const image = host.xen.system.kexec.default;
  if (u.to === null || image?.build == null || image.type !== 'live_update')
    return { ...u, refusals: ['no Live Update image is loaded'] };
  const { build, commandLine } = image;
  const refusals = incompatibilities(host, { build, commandLine, to: u.to, design: u.design });
  if (refusals.length > 0 || keeps(u.design, 'R13')) return { ...u, refusals };
  const asking = numericEntries(host.xen.domains).find(([, d]) => d.isHardware)?.[1];
  return { ...u, refusals, host: asking === undefined ? host : park(host, asking) };
};

// ------------------------------------------------------- a normal boot

/** Is the kernel in the slot a Xen, to be booted as after a reset? */
export const mayExec = (u: Update): boolean => {
  const image = hostOf(u).xen.system.kexec.default;
  return image?.type === 'default' && image.build !== null;
};

/** kexec_exec of the default type: the machine reboots into that Xen; no domain is to survive. */
export const execDefault = (u: Update): Update => {
  const host = hostOf(u);
  const image = host.xen.system.kexec.default;
  if (image?.build == null) return u;
  const self = host.xen.instance + 1;
  const hardware = xenWrites(host.hardware, host.xen.image, self, 'image');
  const { build, commandLine } = image;
  return {
    ...u,
    to: versionOf(build.version),
    host: null,
    restoring: enter({ hardware, commandLine, build, self }),
    normalBoot: { fresh: false },
  };
};

/** Does what lies at the start of bootmem pass for a breadcrumb (R32)? */
export const findsBreadcrumb = (u: Update): boolean => {
  const { hardware, xen } = hostOf(u);
  const first = contentOf(hardware, xen.bootmem.start, 'bytes');
  return first !== null && E.isRight(decodeBreadcrumb(first.data, keeps(u.design, 'R32')));
};
