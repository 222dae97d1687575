/** What a guest writes to its own memory with ordinary instructions. */
import { PTE, pteIs } from '../../host/content.ts';
import { typeCountOf } from '../../host/frame-table.ts';
import type { Body } from '../step.ts';
import { caller, isCaller } from '../vcpus.ts';
import { ownPage, writablePage } from './guest-page.ts';

/** The bytes of a page become those that stand for `value`. */
export interface GuestWrite {
  readonly type: 'guest.write';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
  readonly value: number;
}
/** A PV guest prepares a page table in a page that has no type, before it pins or loads it. */
export interface GuestWriteTable {
  readonly type: 'guest.write-table';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
  /** Packed as in `host/content.ts`, at most 512. */
  readonly entries: readonly number[];
}

export const write: Body<GuestWrite> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const frame = writablePage(tx, c.d, e.gfn);
  if (frame === null || !Number.isSafeInteger(e.value) || e.value < 0) return 'not enabled';
  tx.hardware.content[frame] = { kind: 'value', value: e.value };
  return null;
};

export const writeTable: Body<GuestWriteTable> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const frame = ownPage(tx, c.d, e.gfn);
  const fits = e.entries.length <= 512 && !e.entries.some((entry) => pteIs(entry, PTE.grant));
  if (c.d.type !== 'pv' || frame === null || !fits) return 'not enabled';
  if (typeCountOf(tx.frames, frame) > 0) return 'not enabled';
  tx.hardware.content[frame] = {
    kind: 'pagetable',
    entries: new Uint32Array(e.entries),
    xenSlots: null,
  };
  return null;
};
