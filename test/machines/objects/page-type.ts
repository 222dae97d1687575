/** Pages of PV guests that become tables, descriptors, and plain again. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { domainAt } from '../../../src/host/build/draft.ts';
import {
  addGdtFrame,
  addLinearEntry,
  addPinnedTable,
} from '../../../src/host/build/page-tables.ts';
import { pteFrame } from '../../../src/host/content.ts';
import { FLAG, hasFlag, typeOf } from '../../../src/host/frame-table.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import { PGT } from '../../../src/host/page-type.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { destroyed, finishedOff, framesOf, framesOfType, freeFrame, UPDATE } from './events.ts';

/** d1 with tables of every level, a linear pair, and descriptors. */
export const typed = (): Life[] => {
  const host = hostOf(['pv'], (draft) => {
    const d = domainAt(draft, 1);
    addLinearEntry(draft, addPinnedTable(draft, d, 2), d.tables[2][0] as number);
    for (const level of [1, 3, 4] as const) addPinnedTable(draft, d, level);
    addGdtFrame(draft, d, 0);
  });
  const { frames } = host.xen;
  const me = { domid: 1, vcpu: 0 } as const;
  const owned = framesOf(host, 1);
  const pinned = owned.filter((f) => hasFlag(frames, f, FLAG.pinned));
  const level = (f: number) => typeOf(frames, f) as 1 | 2 | 3 | 4;
  const unpinned = pinned.map(
    (frame): WorldEvent => ({ type: 'mmuext.unpin', ...me, frame, entries: null }),
  );
  const again = [...pinned]
    .sort((a, b) => level(a) - level(b))
    .map(
      (frame): WorldEvent => ({
        type: 'mmuext.pin',
        ...me,
        level: level(frame),
        frame,
        entries: null,
      }),
    );
  const user = pinned.find((f) => (frames.linear[f] ?? 0) > 0) ?? 0;
  const parts = (entries: number): WorldEvent[] => [
    { type: 'mmuext.unpin', ...me, frame: user, entries },
    { type: 'mm.put-old-table', ...me },
    { type: 'mmuext.pin', ...me, level: 2, frame: user, entries },
    { type: 'mmuext.pin-continue', ...me },
  ];
  const free = freeFrame(host);
  const more: WorldEvent = { type: 'memory.increase_reservation', ...me };
  // The first page that is nothing but data.
  const data = framesOfType(host, 1, PGT.writable)[0] ?? 0;
  const unmap = owned.flatMap((table): WorldEvent[] => {
    const content = contentOf(host.hardware, table, 'pagetable');
    const slot = content?.entries.findIndex((e) => pteFrame(e) === data && e !== 0) ?? -1;
    return slot < 0 ? [] : [{ type: 'mmu.update', ...me, table, slot, entry: 0 }];
  });
  return [
    life('tables of every level', host, [unpinned, again, parts(1), parts(2), UPDATE]),
    life('descriptors', host, [
      [
        more,
        { type: 'mmu.set_gdt', ...me, frames: [free] },
        { type: 'mmu.set_gdt', ...me, frames: [] },
      ],
    ]),
    life('tables of a domain that dies', host, [destroyed(1)]),
    life('tables of a domain that is finished off', host, [finishedOff(1)]),
    life('a page that goes, and is shared with the domain', host, [
      [
        ...unmap,
        { type: 'memory.decrease_reservation', ...me, gfn: data },
        { type: 'grant.setup_table', ...me, frames: 2 },
      ],
      UPDATE,
    ]),
    life('a page that goes and comes back', host, [
      [...unmap, { type: 'memory.decrease_reservation', ...me, gfn: data }, more],
    ]),
    life('a page that goes before an update', host, [
      [...unmap, { type: 'memory.decrease_reservation', ...me, gfn: data }],
      UPDATE,
    ]),
    life('pages that come and go', host, [
      [more, { type: 'memory.decrease_reservation', ...me, gfn: free }],
      [more, { type: 'memory.exchange', ...me, gfn: free }],
    ]),
  ];
};
