/** PV page tables. */
import { FLAG, typeOf } from '../../../src/host/frame-table.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import { isPageTable, PGT } from '../../../src/host/page-type.ts';
import { entriesFor, framesOf, type Makers, ofType, ordinary, pageOf, pick } from './choices.ts';

export const mmuMakers = {
  'mmu.update': (h, d, w, [a, b, c]) => {
    const table = pick(framesOf(h, d.domid, ofType(1, 2, 3, 4)), a, 0);
    const [entry = 0] = entriesFor(h, d.domid, typeOf(h.xen.frames, table), b);
    return { type: 'mmu.update', ...w, table, slot: c % 40, entry: b % 3 === 0 ? 0 : entry };
  },
  'mmu.set_gdt': (h, d, w, [a, b]) => ({
    type: 'mmu.set_gdt',
    ...w,
    frames: [pageOf(h, d, a), pageOf(h, d, b)].slice(0, a % 3),
  }),
  'mmuext.pin': (h, d, w, [a, b, c]) => {
    const tables = framesOf(h, d.domid, ordinary).filter(
      (f) =>
        contentOf(h.hardware, f, 'pagetable') !== null &&
        (a % 8 === 0 || h.xen.frames.typeCount[f] === 0),
    );
    return {
      type: 'mmuext.pin',
      ...w,
      level: pick([1, 2, 3, 4] as const, b, 1),
      frame: pick(tables, a >> 3, 1),
      entries: c % 2 === 0 ? null : c % 3,
    };
  },
  'mmuext.unpin': (h, d, w, [a, b]) => ({
    type: 'mmuext.unpin',
    ...w,
    frame: pick(
      framesOf(h, d.domid, (f) => (f & FLAG.pinned) !== 0),
      a,
      1,
    ),
    entries: b % 2 === 0 ? null : b % 3,
  }),
  'mmuext.pin-continue': (_h, _d, w) => ({ type: 'mmuext.pin-continue', ...w }),
  'mmuext.new_baseptr': (h, d, w, [a]) => ({
    type: 'mmuext.new_baseptr',
    ...w,
    frame: pick(
      framesOf(h, d.domid, (f) => isPageTable(f & FLAG.typeMask)),
      a,
      1,
    ),
  }),
  'mmuext.new_user_baseptr': (h, d, w, [a]) => ({
    type: 'mmuext.new_user_baseptr',
    ...w,
    frame: a % 3 === 0 ? 0 : pick(framesOf(h, d.domid, ofType(PGT.l4)), a, 1),
  }),
  'mm.put-old-table': (_h, _d, w) => ({ type: 'mm.put-old-table', ...w }),
} satisfies Partial<Makers>;
