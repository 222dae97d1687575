/** Page tables of PV guests that are pinned, unpinned and put in parts. */
import { hostOf } from '../../../properties/support/scenes.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../../src/host/build/draft.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import {
  addPartialTable,
  addTable,
  setOldGuestTable,
} from '../../../src/host/build/page-tables.ts';
import type { Host } from '../../../src/host/host.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Life, life } from '../support/lives.ts';
import { answer, destroyed, finish, finishedOff, keptByDom0, UPDATE } from './events.ts';

/** d1 has a table of two L1s that nobody uses. */
const tables = (change: (draft: HostDraft, l2: number) => void = () => undefined) =>
  hostOf(['pv'], (draft) => {
    const d = domainAt(draft, 1);
    const children = [0, 1].map(() => addTable(draft, d, 1, []));
    const l2 = addPartialTable(draft, d, { level: 2, children, validated: 1 });
    change(draft, l2);
  });

/** What a vCPU of d1 does to a table. */
export const doings = (vcpu: number, frame: number) => {
  const me = { domid: 1, vcpu } as const;
  return {
    put: { type: 'mm.put-old-table', ...me } as WorldEvent,
    pin: (entries: number | null): WorldEvent => ({
      type: 'mmuext.pin',
      ...me,
      level: 2,
      frame,
      entries,
    }),
    unpin: (entries: number | null): WorldEvent => ({
      type: 'mmuext.unpin',
      ...me,
      frame,
      entries,
    }),
    goOnPinning: { type: 'mmuext.pin-continue', ...me } as WorldEvent,
  };
};
type Doings = ReturnType<typeof doings>;
export const partialTables = (host: Host): readonly number[] =>
  Object.keys(host.xen.frames.partial).map(Number);

export const mm = (): Life[] => {
  const owing = tables((draft, l2) => setOldGuestTable(draft, domainAt(draft, 1), 0, l2 as never));
  const { put, pin, unpin, goOnPinning } = doings(0, partialTables(owing)[0] ?? 0);
  const kept = tables((draft, l2) => {
    setOldGuestTable(draft, domainAt(draft, 1), 0, l2 as never);
    keptByDom0(draft, 1);
  });
  const gdt: WorldEvent = { type: 'mmu.set_gdt', domid: 1, vcpu: 0, frames: [] };
  return [
    life('tables pinned in parts', owing, [
      [put, pin(1), goOnPinning, unpin(1), put, pin(1), finish(1), unpin(1), finish(1)],
    ]),
    life('an old table that the next operation puts', owing, [[gdt]]),
    life('an old table, and a pin in parts', owing, [[pin(1), goOnPinning]]),
    life('an old table that is finished', owing, [[finish(1)]]),
    life('an update with an old table', owing, [UPDATE]),
    life('an update in the middle of a pin', owing, [[put, pin(1)], UPDATE, [goOnPinning]]),
    life('an update in the middle of a pin, finished', owing, [[put, pin(1)], UPDATE, [finish(1)]]),
    life('an update in the middle of an unpin', owing, [
      [put, pin(null), unpin(1)],
      UPDATE,
      [finish(1)],
    ]),
    life('a death in the middle of a pin', owing, [[put, pin(1), ...destroyed(1)]]),
    life('a death in the middle of an unpin', owing, [[put, pin(null), unpin(1), ...destroyed(1)]]),
    ...[
      [put, pin(1)],
      [put, pin(null), unpin(1)],
    ].map((before, i) =>
      life(`finished off in the middle, and stays ${i}`, kept, [[...before, ...finishedOff(1)]]),
    ),
    life('a death with an old table', owing, [destroyed(1)]),
    ...[[], [put, pin(1)], [put, pin(null), unpin(1)]].map((before, i) =>
      life(`carried as it is ${i}`, owing, [before, UPDATE], answer({ Q6: 'carry' })),
    ),
    life(
      'finished before an update',
      owing,
      [[put, pin(null), unpin(1)], UPDATE],
      answer({ Q6: 'finish' }),
    ),
  ];
};

/** d1 of two vCPUs, each with a table half validated that it owes. */
export const twoVcpus = () => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 16 });
  const d = addDomain(draft, { type: 'pv', pages: 32, vcpus: 2 });
  for (const n of [0, 1]) {
    const children = [0, 1].map(() => addTable(draft, d, 1, []));
    setOldGuestTable(draft, d, n, addPartialTable(draft, d, { level: 2, children, validated: 1 }));
  }
  return finishHost(draft);
};

/** The same happens on two vCPUs, one step apart. */
export const twoPins = (): Life[] => {
  const host = twoVcpus();
  const [first, second] = [0, 1].map((n) => doings(n, partialTables(host)[n] ?? 0)) as [
    Doings,
    Doings,
  ];
  return [
    life('two pins', host, [
      [
        second.pin(1),
        first.put,
        first.pin(1),
        second.goOnPinning,
        second.unpin(null),
        second.pin(1),
        finish(1, 1),
        first.goOnPinning,
      ],
      [
        first.unpin(1),
        second.unpin(1),
        second.put,
        second.pin(null),
        second.unpin(1),
        finish(1, 1),
        first.put,
      ],
    ]),
    life('two pins across an update', host, [
      [first.put, second.put, first.pin(1), second.pin(1)],
      UPDATE,
      [second.goOnPinning, first.goOnPinning],
    ]),
    life('two pins across an update, finished', host, [
      [first.put, second.put, first.pin(1), second.pin(1)],
      UPDATE,
      [finish(1, 1), finish(1, 0)],
    ]),
    life('two unpins across an update', host, [
      [first.put, second.put, first.pin(null), second.pin(null), first.unpin(1), second.unpin(1)],
      UPDATE,
      [finish(1, 1), finish(1, 0)],
    ]),
  ];
};
