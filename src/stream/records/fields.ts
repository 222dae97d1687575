/**
 * Fields that several records share. Every identifier is checked for its
 * range when written and when read, so that what comes out of a stream bears
 * the host's brands rightfully.
 */
import { NR_VIRQS } from '../../host/constants.ts';
import { Domid, GrantRef, MaptrackHandle, Mfn, Port, VcpuId } from '../../host/ids.ts';
import { u32Array } from '../schema/bulk.ts';
import { checked, list, struct } from '../schema/composites.ts';
import { narrowed, u8, u16, u32 } from '../schema/scalars.ts';
import type { Schema } from '../schema/schema.ts';

/** Frames above are out of reach of the model's page tables (`host/ids.ts`). */
export const FRAME_LIMIT = 2 ** 28;

export const domid = narrowed(u16, Domid.is, 'a domid up to 0x7fff');
export const mfn = narrowed(u32, Mfn.is, 'a frame below 2^28');
export const port = narrowed(u32, Port.is, 'a port below 2^17');
export const grantRef = narrowed(u32, GrantRef.is, 'a grant reference');
export const handle = narrowed(u32, MaptrackHandle.is, 'a maptrack handle');
export const vcpuId = narrowed(u16, VcpuId.is, 'a vCPU id below 8192');
export const virq = narrowed(u8, (n): n is number => n < NR_VIRQS, `a VIRQ below ${NR_VIRQS}`);

/** Frames in an order that means something: the pages of a FIFO array, table frames. */
export const frames: Schema<Uint32Array> = checked(u32Array, (all) =>
  all.every((frame) => frame < FRAME_LIMIT) ? null : 'frames below 2^28',
);

/** Frames [start, start + count), at least one. */
export const frameRange = checked(struct({ start: u32, count: u32 }), ({ start, count }) =>
  count > 0 && start + count <= FRAME_LIMIT ? null : 'a range of frames below 2^28',
);

/** Ranges ascending by their start. */
export const frameRanges = list(frameRange, {
  ascending: { name: 'start', key: (r) => r.start },
});

/** A structure of the guest's: frame and byte offset in it. */
export const placement = struct({
  frame: mfn,
  offset: narrowed(u16, (n): n is number => n < 4096, 'an offset in a page'),
});

/** Key of what stands once for each vCPU. */
export const byVcpu = { name: 'vcpu', key: (item: { readonly vcpu: number }) => item.vcpu };
/** Key of what stands once for each port. */
export const byPort = { name: 'port', key: (item: { readonly port: number }) => item.port };
