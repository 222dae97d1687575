/**
 * Fields that several records share. Every identifier is checked for its
 * range when written and when read, so that what comes out of a stream bears
 * the host's brands rightfully.
 */
import { NR_VIRQS } from '../../host/constants.ts';
import { Domid, GrantRef, MaptrackHandle, Mfn, Port, VcpuId } from '../../host/ids.ts';
import { u32Array } from '../schema/bulk.ts';
import { checked, list, struct } from '../schema/composites.ts';
import { narrowed, u8, u16, u32, upTo } from '../schema/scalars.ts';
import type { Schema } from '../schema/schema.ts';

/** Frames above are out of reach of the model's page tables (`host/ids.ts`). */
export const FRAME_LIMIT = 2 ** 28;

export const domid = narrowed(u16, Domid.is, { rule: 'a domid', max: 0x7fff });
export const mfn = narrowed(u32, Mfn.is, { rule: 'a frame', max: FRAME_LIMIT - 1 });
export const port = narrowed(u32, Port.is, { rule: 'a port', max: 2 ** 17 - 1 });
export const grantRef = narrowed(u32, GrantRef.is, { rule: 'a grant reference', max: 2 ** 32 - 1 });
export const handle = narrowed(u32, MaptrackHandle.is, {
  rule: 'a maptrack handle',
  max: 2 ** 32 - 2,
});
export const vcpuId = narrowed(u16, VcpuId.is, { rule: 'a vCPU id', max: 8191 });
export const virq = upTo(u8, NR_VIRQS - 1, 'a VIRQ');

/** Frames in an order that means something: the pages of a FIFO array, table frames. */
export const frames: Schema<Uint32Array> = checked(u32Array, 'frames below 2^28', (all) =>
  all.every((frame) => frame < FRAME_LIMIT),
);

const frameNumber = upTo(u32, FRAME_LIMIT - 1, 'a frame');

/** Frames [start, start + count), at least one. */
export const frameRange = checked(
  struct({ start: frameNumber, count: upTo(u32, FRAME_LIMIT, 'a number of frames') }),
  'not empty, and below frame 2^28',
  ({ start, count }) => count > 0 && start + count <= FRAME_LIMIT,
);

/** Ranges ascending by their start. */
export const frameRanges = list(frameRange, {
  ascending: { name: 'start', key: (r) => r.start },
});

/** A structure of the guest's: frame and byte offset in it. */
export const placement = struct({ frame: mfn, offset: upTo(u16, 4095, 'an offset in a page') });

/** Key of what stands once for each vCPU. */
export const byVcpu = { name: 'vcpu', key: (item: { readonly vcpu: number }) => item.vcpu };
/** Key of what stands once for each port. */
export const byPort = { name: 'port', key: (item: { readonly port: number }) => item.port };
