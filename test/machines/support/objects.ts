/**
 * Lives in which what random ones rarely meet happens to ports, grants,
 * requests and tables: short, on hosts as small as they can be.
 */
import { hostOf, requestsOf, resetsOf, withPorts } from '../../../properties/support/scenes.ts';
import { type Design, defaultDesign, without } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { domainAt, type HostDraft, vcpuAt } from '../../../src/host/build/draft.ts';
import {
  bindInterdomain,
  bindIpi,
  bindPirq,
  bindUnbound,
  bindVirq,
} from '../../../src/host/build/events.ts';
import { mask, raise, useFifo } from '../../../src/host/build/fifo.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { mapGrant, offerGrant } from '../../../src/host/build/grants.ts';
import { addIoreqServer, sendIoreq } from '../../../src/host/build/ioreq.ts';
import { pauseByController, shutDown } from '../../../src/host/build/lifecycle.ts';
import { mixedDraft } from '../../../src/host/build/mixed-host.ts';
import {
  addGdtFrame,
  addLinearEntry,
  addPartialTable,
  addPinnedTable,
  addTable,
  setOldGuestTable,
} from '../../../src/host/build/page-tables.ts';
import { assignDevice, loadKexec } from '../../../src/host/build/system.ts';
import { GNTMAP, SHUTDOWN, VIRQ } from '../../../src/host/constants.ts';
import { pteFrame } from '../../../src/host/content.ts';
import { FLAG, hasFlag, typeOf } from '../../../src/host/frame-table.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { formatLiveUpdate } from '../../../src/liveupdate/command-line.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { type Chapter, type Life, life } from './lives.ts';

const tool = { caller: 0, vcpu: 0 } as const;
const UPDATE: Chapter = { update: '4.17' };

/** The end of a domain, phase by phase, or all at once by its caller. */
export const destroyed = (domid: number, phases = 20): WorldEvent[] => [
  { type: 'domctl.destroydomain', ...tool, domid },
  ...Array.from({ length: phases }, (): WorldEvent => ({ type: 'domain.kill', domid })),
];
const finish = (domid: number, vcpu = 0): WorldEvent => ({ type: 'hypercall.finish', domid, vcpu });

// ------------------------------------------------------------- event-channel reset

/** d1 resets itself, d2 is down and waits for a soft reset, d3 is paused and reset by dom0. */
const resetHost = (change: (draft: HostDraft) => void = () => undefined) =>
  hostOf(['pv', 'pvh', 'pv', 'pv'], (draft) => {
    withPorts(draft);
    for (const id of [2, 3]) {
      for (let i = 0; i < 3; i++) bindUnbound(draft, id, 0);
      pauseByController(draft, id);
    }
    useFifo(draft, 3);
    shutDown(draft, 2, 'complete', SHUTDOWN.soft_reset);
    domainAt(draft, 4).domain.target = 3 as never;
    change(draft);
  });
const byDom0: WorldEvent = { type: 'evtchn.reset', domid: 0, vcpu: 0, target: 3, ports: 1 };
const byTool: WorldEvent = { type: 'domctl.soft_reset', ...tool, domid: 2, ports: 1 };
const byStub: WorldEvent = { type: 'evtchn.reset', domid: 4, vcpu: 0, target: 3, ports: 1 };
const goOn = (domid: number, ports: number | null = null): WorldEvent => ({
  type: 'evtchn.reset-continue',
  domid,
  vcpu: 0,
  ports,
});
const softOn = (ports: number | null = null): WorldEvent => ({
  type: 'domctl.soft_reset-continue',
  domid: 0,
  vcpu: 0,
  ports,
});
const openIn3: WorldEvent = {
  type: 'evtchn.alloc_unbound',
  domid: 4,
  vcpu: 0,
  target: 3,
  remote: 0,
};
const answer = (policies: Partial<Design['policies']>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...policies },
});

const resets = (): Life[] => [
  life('resets', resetHost(), [
    [...resetsOf(1), goOn(1, 1), goOn(1)],
    [byDom0, goOn(0, 1), openIn3, goOn(0)],
    [byDom0, goOn(0)],
    [byTool, softOn(1), softOn()],
  ]),
  life('resets that the Xen that runs finishes', resetHost(), [
    [...resetsOf(1), finish(1), byDom0, finish(0), byTool, finish(0)],
  ]),
  life('a reset of a domain that dies', resetHost(), [[...resetsOf(1), ...destroyed(1)]]),
  life('a soft reset of a domain that dies', resetHost(), [
    [
      byTool,
      { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 2 },
      ...destroyed(2),
      softOn(),
    ],
  ]),
  life('a reset by a domain that dies', resetHost(), [
    [byStub, ...destroyed(4), { type: 'rcu.run' }, byDom0, ...destroyed(3)],
  ]),
  ...(['exact', 'registers-only', 'restart', 'cursor-only', 'drop'] as const).flatMap((Q4) => [
    life(
      `resets, Q4 = ${Q4}`,
      resetHost(),
      [[...resetsOf(1), byDom0], UPDATE, [goOn(1, 1), goOn(1), goOn(0, 1), goOn(0), finish(1)]],
      answer({ Q4 }),
    ),
    life(
      `a soft reset, Q4 = ${Q4}`,
      resetHost(),
      [[byTool], UPDATE, [softOn(1), softOn(), finish(0)]],
      answer({ Q4 }),
    ),
    life(
      `finished afterwards, Q4 = ${Q4}`,
      resetHost(),
      [[...resetsOf(1), byDom0], UPDATE, [finish(1), finish(0)]],
      answer({ Q4 }),
    ),
    life(
      `a death afterwards, Q4 = ${Q4}`,
      resetHost(),
      [[...resetsOf(1)], UPDATE, destroyed(1)],
      answer({ Q4 }),
    ),
  ]),
];

// ------------------------------------------------------------- requests

const emulated = (change: (draft: HostDraft) => void = () => undefined) =>
  hostOf(['hvm', 'pv'], (draft) => {
    for (const v of vcpuAtAll(draft, 1)) v.initialised = true;
    addIoreqServer(draft, 1, { emulator: 2 });
    domainAt(draft, 2).domain.target = 1 as never;
    change(draft);
  });
const vcpuAtAll = (draft: HostDraft, id: number) => domainAt(draft, id).domain.vcpus;
const shutdownBy0 = (reason: number): WorldEvent => ({
  type: 'sched.remote_shutdown',
  domid: 0,
  vcpu: 0,
  target: 1,
  reason,
});
const ofServer = { caller: 2, vcpu: 0, domid: 1, server: 0 } as const;

const requests = (): Life[] => {
  const [send, take, respond, complete] = requestsOf(1) as [
    WorldEvent,
    WorldEvent,
    WorldEvent,
    WorldEvent,
  ];
  const resume: WorldEvent = { type: 'domctl.resumedomain', ...tool, domid: 1 };
  return [
    life('requests', emulated(), [[send, take, respond, complete, send], UPDATE, [send]]),
    life('a request overtaken by a crash', emulated(), [
      [send, take, respond, shutdownBy0(SHUTDOWN.crash), resume, complete],
    ]),
    life('an overtaken request of a domain that dies', emulated(), [
      [send, shutdownBy0(SHUTDOWN.crash), ...destroyed(1)],
    ]),
    life('a request that a shutdown waits for', emulated(), [
      [send, shutdownBy0(SHUTDOWN.poweroff), take, respond, complete],
    ]),
    life(
      'a request that meets a shutdown',
      emulated((draft) => {
        shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
        const v = vcpuAt(domainAt(draft, 1), 0);
        v.pausedForShutdown = false;
        v.pauseCount--;
      }),
      [[send, resume, complete]],
    ),
    life(
      'a suspended access of a domain that dies',
      emulated((draft) => {
        shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
        const v = vcpuAt(domainAt(draft, 1), 0);
        v.pausedForShutdown = false;
        v.pauseCount--;
      }),
      [[send, ...destroyed(1)]],
    ),
    life('an emulator that dies', emulated(), [
      [send, ...destroyed(2), { type: 'rcu.run' }],
      destroyed(1),
    ]),
    life('an emulator that dies at once', emulated(), [
      [send, take, { type: 'domctl.destroydomain', ...tool, domid: 2 }, finish(0)],
    ]),
    ...[[], [send], [send, take], [send, take, respond]].flatMap((before, i) => [
      life(`a server taken away ${i}`, emulated(), [
        [...before, { type: 'ioreq.destroy', ...ofServer }],
      ]),
      life(`a guest that dies ${i}`, emulated(), [[...before, ...destroyed(1)]]),
      life(`a guest finished off ${i}`, emulated(), [
        [...before, { type: 'domctl.destroydomain', ...tool, domid: 1 }, finish(0)],
      ]),
    ]),
    ...[[send], [send, take], [send, take, respond]].map((before, i) =>
      life(
        `an update that does not wait ${i}`,
        emulated(),
        [before, UPDATE, requestsOf(1)],
        without(defaultDesign, 'R12'),
      ),
    ),
    life('an emulator that dies, and an update', emulated(), [destroyed(2), UPDATE]),
    life('servers come and go', emulated(), [
      [
        { type: 'ioreq.destroy', ...ofServer },
        { type: 'ioreq.create', caller: 2, vcpu: 0, domid: 1, buffered: false },
      ],
    ]),
  ];
};

// ------------------------------------------------------------- PV page tables

/** d1 has a table of two L1s that nobody uses. */
const tables = (change: (draft: HostDraft, l2: number) => void = () => undefined) =>
  hostOf(['pv'], (draft) => {
    const d = domainAt(draft, 1);
    const children = [0, 1].map(() => addTable(draft, d, 1, []));
    const l2 = addPartialTable(draft, d, { level: 2, children, validated: 1 });
    change(draft, l2);
  });

const mm = (): Life[] => {
  const owing = tables((draft, l2) => setOldGuestTable(draft, domainAt(draft, 1), 0, l2 as never));
  const l2 = Number(Object.keys(owing.xen.frames.partial)[0]);
  const me = { domid: 1, vcpu: 0 } as const;
  const put: WorldEvent = { type: 'mm.put-old-table', ...me };
  const pin = (entries: number | null): WorldEvent => ({
    type: 'mmuext.pin',
    ...me,
    level: 2,
    frame: l2,
    entries,
  });
  const unpin = (entries: number | null): WorldEvent => ({
    type: 'mmuext.unpin',
    ...me,
    frame: l2,
    entries,
  });
  const goOnPinning: WorldEvent = { type: 'mmuext.pin-continue', ...me };
  const gdt: WorldEvent = { type: 'mmu.set_gdt', ...me, frames: [] };
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
    life('a death with an old table', owing, [destroyed(1)]),
    life(
      'finished before an update',
      owing,
      [[put, pin(null), unpin(1)], UPDATE],
      answer({ Q6: 'finish' }),
    ),
  ];
};

/** d1 with tables of every level, a linear pair, and descriptors. */
const typed = (): Life[] => {
  const host = hostOf(['pv'], (draft) => {
    const d = domainAt(draft, 1);
    addLinearEntry(draft, addPinnedTable(draft, d, 2), d.tables[2][0] as number);
    for (const level of [1, 3, 4] as const) addPinnedTable(draft, d, level);
    addGdtFrame(draft, d, 0);
  });
  const { frames } = host.xen;
  const me = { domid: 1, vcpu: 0 } as const;
  const owned = Array.from(frames.owner as Uint16Array, (_, f) => f).filter(
    (f) => frames.owner[f] === 1,
  );
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
  const free = Array.from(frames.flags as Uint16Array).findIndex(
    (flags, f) => f > 0 && (flags & FLAG.free) !== 0,
  );
  const more: WorldEvent = { type: 'memory.increase_reservation', ...me };
  // The first page that is nothing but data.
  const data =
    owned.find((f) => typeOf(frames, f) === PGT.writable && !hasFlag(frames, f, FLAG.xenheap)) ?? 0;
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
    life('tables of a domain that is finished off', host, [destroyed(1, 0), [finish(0)]]),
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

// ------------------------------------------------------------- log-dirty

const paging = (): Life[] => {
  const op = (name: 'enable_logdirty' | 'peek' | 'clean' | 'off', preempt = false): WorldEvent => ({
    type: 'domctl.shadow_op',
    ...tool,
    domid: 1,
    op: name,
    preempt,
  });
  const logged = () => hostOf(['hvm']);
  const on: WorldEvent = { type: 'paging.continue', domid: 1 };
  const halves = ['peek', 'clean', 'off'] as const;
  return [
    life('log-dirty', logged(), [
      [op('enable_logdirty'), op('peek'), op('off'), op('enable_logdirty')],
      ...halves.map((h) => [op(h, true), op('peek'), on, op('enable_logdirty')]),
      ...halves.map((h) => [op(h, true), finish(0), op('enable_logdirty')]),
      UPDATE,
    ]),
    life('a logged domain that is finished off', logged(), [
      [op('enable_logdirty'), ...destroyed(1, 0), finish(0)],
    ]),
    ...halves.flatMap((h) => [
      ...(['finish', 'exact', 'lose'] as const).map((Q5) =>
        life(
          `a half-done ${h}, Q5 = ${Q5}`,
          logged(),
          [[op('enable_logdirty'), op(h, true)], UPDATE, [on, finish(0)]],
          answer({ Q5 }),
        ),
      ),
      life(`a half-done ${h} of a domain that dies`, logged(), [
        [
          op('enable_logdirty'),
          op(h, true),
          { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 },
        ],
        destroyed(1),
        [finish(0)],
      ]),
    ]),
    life(
      'an operation that nobody goes on with',
      hostOf(['hvm'], (draft) => {
        const { domain } = domainAt(draft, 1);
        domain.pagingPreempt = { caller: 0 as never, op: 'clean', done: 1 };
        if (domain.p2m !== null) domain.p2m.logDirty = true;
      }),
      [[on, op('off'), ...destroyed(1)]],
    ),
    life(
      'an operation that nobody goes on with, and a death',
      hostOf(['hvm'], (draft) => {
        const { domain } = domainAt(draft, 1);
        domain.pagingPreempt = { caller: 0 as never, op: 'clean', done: 1 };
        if (domain.p2m !== null) domain.p2m.logDirty = true;
      }),
      [destroyed(1)],
    ),
  ];
};

// ------------------------------------------------------------- grants

/** d1 PV with entries of version 1, d2 PV with version 2, d3 PVH; dom0 and d4 map. */
const granters = (change: (draft: HostDraft) => void = () => undefined) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20, grantVersion: 2 });
  addDomain(draft, { type: 'pvh', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20 });
  for (const id of [1, 2]) offerGrant(draft, id, { to: 0 });
  change(draft);
  return finishHost(draft);
};
const [DEVICE, HOST, RO] = [GNTMAP.device_map, GNTMAP.host_map, GNTMAP.readonly];

const grants = (): Life[] => {
  const host = granters();
  const { frames } = host.xen;
  const ownedBy = (id: number, type: number) =>
    Array.from(frames.owner as Uint16Array, (_, f) => f).filter(
      (f) =>
        frames.owner[f] === id && typeOf(frames, f) === type && !hasFlag(frames, f, FLAG.xenheap),
    );
  const l1 = ownedBy(0, PGT.l1)[0] as number;
  const l1Of4 = ownedBy(4, PGT.l1)[0] as number;
  const pageOf = (id: number) =>
    id === 3 ? 5 : (ownedBy(id, PGT.none)[0] ?? ownedBy(id, PGT.writable)[0] ?? 1);
  // A page that nothing refers to: the next that d2 gets.
  const free = Array.from(frames.flags as Uint16Array).findIndex(
    (flags, f) => f > 0 && (flags & FLAG.free) !== 0,
  );
  const more: WorldEvent = { type: 'memory.increase_reservation', domid: 2, vcpu: 0 };
  const offer = (domid: number, ref: number, what: string | object, to = 0) =>
    ({
      type: 'grant.offer',
      domid,
      vcpu: 0,
      ref,
      to,
      gfn: pageOf(domid),
      readonly: false,
      offer: what,
    }) as WorldEvent;
  const mapped = (granter: number, ref: number, flags: number, slot = 300): WorldEvent => ({
    type: 'grant.map',
    domid: 0,
    vcpu: 0,
    granter,
    ref,
    flags,
    at: l1,
    slot,
  });
  const unmapped = (handle: number, parts: number, slot = 300): WorldEvent => ({
    type: 'grant.unmap',
    domid: 0,
    vcpu: 0,
    handle,
    parts,
    at: l1,
    slot,
  });
  const clear = (domid: number, ref: number): WorldEvent => ({
    type: 'guest.invalidate-grant',
    domid,
    vcpu: 0,
    ref,
  });
  const revoke = (domid: number, ref: number): WorldEvent => ({
    type: 'grant.revoke',
    domid,
    vcpu: 0,
    ref,
  });
  const setVersion = (domid: number, version: number): WorldEvent => ({
    type: 'grant.set_version',
    domid,
    vcpu: 0,
    version,
  });
  const subPage = { offset: 0, length: 64 };
  const transitive = { domid: 1, ref: 8 };
  const [d1, d2] = [1, 2];
  const mapLife = (granter: number): WorldEvent[] => [
    offer(granter, 0, 'page'),
    mapped(granter, 0, DEVICE | RO),
    mapped(granter, 0, HOST | RO),
    unmapped(0, DEVICE),
    mapped(granter, 0, DEVICE),
    unmapped(1, HOST),
    mapped(granter, 0, HOST | DEVICE, 301),
    unmapped(2, DEVICE),
    unmapped(3, HOST | DEVICE, 301),
    revoke(granter, 0),
  ];
  const oneByOne = (granter: number): WorldEvent[] => [
    offer(granter, 0, 'page'),
    mapped(granter, 0, DEVICE),
    mapped(granter, 0, DEVICE | RO),
    unmapped(0, DEVICE),
    unmapped(1, DEVICE),
  ];
  const bothAtOnce = (granter: number): WorldEvent[] => [
    offer(granter, 0, 'page'),
    mapped(granter, 0, HOST | DEVICE),
    unmapped(0, HOST | DEVICE),
    mapped(granter, 0, HOST),
    clear(granter, 0),
    mapped(granter, 0, HOST | RO, 302),
    unmapped(0, HOST),
    unmapped(1, HOST, 302),
    offer(granter, 0, 'page'),
  ];
  return [
    ...[d1, d2].flatMap((d) => [
      life(`maps of d${d}`, host, [mapLife(d)]),
      life(`maps of d${d}, both at once`, host, [bothAtOnce(d)]),
      life(`maps of d${d}, one by one`, host, [oneByOne(d)]),
      life(`an update with maps of d${d}`, host, [
        [mapped(d, 8, HOST), offer(d, 0, 'page'), mapped(d, 0, DEVICE | RO)],
        UPDATE,
      ]),
      life(`an update with both maps of d${d}`, host, [
        [mapped(d, 8, HOST | DEVICE), clear(d, 8)],
        UPDATE,
        [unmapped(0, HOST | DEVICE)],
      ]),
      life(`maps of d${d}, which dies`, host, [
        [mapped(d, 8, HOST), clear(d, 8)],
        destroyed(d),
        [unmapped(0, HOST), { type: 'rcu.run' }],
      ]),
      life(`all kinds of maps of d${d}, which is finished off`, host, [
        [
          offer(d, 0, 'page'),
          mapped(d, 0, DEVICE),
          offer(d, 1, 'page'),
          mapped(d, 1, HOST | DEVICE, 305),
        ],
        destroyed(d, 0),
        [finish(0)],
      ]),
    ]),
    life(
      'a mapper that dies',
      granters((draft) => {
        for (const device of [false, true]) {
          const ref = offerGrant(draft, 1, { to: 4 });
          mapGrant(draft, 4, { granter: 1, ref, host: true, device });
        }
        const read = offerGrant(draft, 1, { to: 4, readonly: true });
        mapGrant(draft, 4, { granter: 1, ref: read, host: false, device: true, readonly: true });
      }),
      [destroyed(4)],
    ),
    life(
      'a mapper that is finished off',
      granters((draft) => {
        for (const device of [false, true]) {
          const ref = offerGrant(draft, 1, { to: 4 });
          mapGrant(draft, 4, { granter: 1, ref, host: true, device });
        }
        const read = offerGrant(draft, 1, { to: 4, readonly: true });
        mapGrant(draft, 4, { granter: 1, ref: read, host: false, device: true, readonly: true });
      }),
      [[clear(1, 9), clear(1, 10), clear(1, 11)], destroyed(4, 0), [finish(0)]],
    ),
    life('offers of version 2', host, [
      [offer(2, 0, subPage), revoke(2, 0), offer(2, 0, transitive), revoke(2, 0)],
      [revoke(2, 8), offer(2, 8, subPage), setVersion(2, 1), setVersion(2, 2)],
      [offer(2, 8, transitive), setVersion(2, 1)],
    ]),
    life('offers of version 2, and of another reference', host, [
      [offer(2, 0, subPage), setVersion(2, 2), revoke(2, 8), revoke(2, 0), offer(2, 8, 'page')],
      [offer(2, 0, transitive), setVersion(2, 2), revoke(2, 8), revoke(2, 0)],
    ]),
    ...[subPage, transitive].map((what, i) =>
      life(`offers in a domain that is finished off, and stays ${i}`, host, [
        [mapped(2, 8, HOST), offer(2, 0, what), ...destroyed(2, 0), finish(0)],
      ]),
    ),
    life('a page that is accepted, and others', host, [
      [
        more,
        more,
        offer(1, 0, 'transfer', 2),
        setVersion(1, 1),
        revoke(1, 8),
        offer(1, 1, 'transfer', 2),
      ],
      [1, 0].map(
        (ref, i): WorldEvent => ({
          type: 'grant.transfer',
          domid: 2,
          vcpu: 0,
          gfn: free + i,
          to: 1,
          ref,
        }),
      ),
    ]),
    life(
      'maps while others die',
      granters((draft) => {
        for (let n = 0; n < 3; n++) offerGrant(draft, 1, { to: 0 });
      }),
      [
        [mapped(1, 8, HOST | RO), mapped(1, 9, DEVICE), mapped(1, 10, HOST | DEVICE, 301)],
        [mapped(1, 11, HOST, 302), clear(1, 11)],
        destroyed(4, 3),
        [finish(0)],
      ],
    ),
    life(
      'an update with maps of another mapper',
      granters((draft) => {
        const ref = offerGrant(draft, 1, { to: 4 });
        mapGrant(draft, 4, { granter: 1, ref, host: true });
      }),
      [UPDATE],
    ),
    life('versions of the table', host, [
      [setVersion(1, 2), setVersion(1, 1), offer(1, 8, 'page'), setVersion(1, 2)],
    ]),
    life('versions with a page that is accepted', host, [
      [revoke(1, 8), offer(1, 8, 'transfer'), setVersion(1, 2)],
    ]),
    life(
      'a reference that the wider entries of version 2 have no frame for',
      granters((draft) => {
        domainAt(draft, 1).nextRef = 300;
        offerGrant(draft, 1, { to: 0 });
      }),
      [[setVersion(1, 2)]],
    ),
    life('a version while it is mapped', host, [[mapped(1, 8, HOST), setVersion(1, 2)]]),
    ...[[], ['sub' as const], ['tra' as const]].map((kind, i) => {
      const what = kind[0] === undefined ? 'page' : kind[0] === 'sub' ? subPage : transitive;
      return life(`offers in a domain that dies ${i}`, host, [
        [offer(2, 0, what), offer(2, 1, 'transfer')],
        destroyed(2),
      ]);
    }),
    ...['page', subPage, transitive, 'transfer' as const].map((what, i) =>
      life(`offers in an update ${i}`, host, [[offer(2, 0, what)], UPDATE]),
    ),
    ...['page', subPage, transitive, 'transfer' as const].map((what, i) =>
      life(`offers in a domain that is finished off ${i}`, host, [
        [offer(2, 0, what)],
        destroyed(2, 0),
        [finish(0)],
      ]),
    ),
    ...(['page', 'transfer'] as const).map((what, i) =>
      life(`taken back or given ${i}`, host, [[offer(1, 0, what), revoke(1, 0)]]),
    ),
    life('a page that changes hands', host, [
      [
        more,
        offer(1, 0, 'transfer', 2),
        {
          type: 'grant.transfer',
          domid: 2,
          vcpu: 0,
          gfn: free,
          to: 1,
          ref: 0,
        },
      ],
      UPDATE,
      [revoke(1, 0)],
    ]),
    life('a page that changes hands, in a domain that dies', host, [
      [
        more,
        offer(1, 0, 'transfer', 2),
        {
          type: 'grant.transfer',
          domid: 2,
          vcpu: 0,
          gfn: free,
          to: 1,
          ref: 0,
        },
      ],
      destroyed(1),
    ]),
    life(
      'a table that grows',
      (() => {
        const draft = buildHost();
        addDomain(draft, { type: 'pv', pages: 20 });
        addDomain(draft, { type: 'pv', pages: 20 });
        domainAt(draft, 1).domain.grants.frames = [];
        return finishHost(draft);
      })(),
      [
        [0, 1].map(
          (domid): WorldEvent => ({ type: 'grant.setup_table', domid, vcpu: 0, frames: 2 - domid }),
        ),
      ],
    ),
    life('a domain that is made again', host, [
      destroyed(4, 0),
      [finish(0), { type: 'rcu.run' }],
      [
        {
          type: 'domctl.createdomain',
          ...tool,
          domid: 4,
          domainType: 'pv',
          maxVcpus: 1,
          grantVersion: 1,
          maxGrantFrames: 4,
        },
      ],
      [
        {
          type: 'grant.map',
          domid: 4,
          vcpu: 0,
          granter: 1,
          ref: 8,
          flags: HOST,
          at: l1Of4,
          slot: 9,
        },
      ],
    ]),
  ];
};

// ------------------------------------------------------------- ports

/** dom0; d1 with a port of each kind, d2 its peer, d3 an HVM guest of dom0's emulator. */
const portHost = (fifo: boolean) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 20, vcpus: 2 });
  for (let i = 0; i < 2; i++) addDomain(draft, { type: 'pv', pages: 24 });
  addDomain(draft, { type: 'hvm', pages: 20 });
  if (fifo) useFifo(draft, 1);
  bindUnbound(draft, 1, 2);
  bindInterdomain(draft, 1, 2);
  bindVirq(draft, 1, VIRQ.TIMER, { vcpu: 0 });
  bindIpi(draft, 1, { vcpu: 0 });
  bindPirq(draft, 1, 16, 16);
  bindInterdomain(draft, 1, 1);
  bindUnbound(draft, 2, 1);
  bindVirq(draft, 0, VIRQ.DOM_EXC);
  addIoreqServer(draft, 3, { emulator: 0 });
  return finishHost(draft);
};
const PORTS = [1, 2, 3, 4, 5, 6, 7];

const ports = (): Life[] =>
  [false, true].flatMap((fifo) => {
    const host = portHost(fifo);
    const me = { domid: 1, vcpu: 0 } as const;
    const each = (type: 'evtchn.close' | 'evtchn.unmask' | 'guest.mask' | 'evtchn.send') =>
      PORTS.map((port): WorldEvent => ({ type, ...me, port }));
    const raised: WorldEvent[] = [
      { type: 'evtchn.send', ...me, port: 4 },
      { type: 'evtchn.send', domid: 2, vcpu: 0, port: 1 },
      { type: 'evtchn.send', ...me, port: 6 },
    ];
    const bound: WorldEvent[] = [
      { type: 'evtchn.alloc_unbound', ...me, target: 1, remote: 2 },
      { type: 'evtchn.bind_interdomain', ...me, remote: 2, remotePort: 2 },
      { type: 'evtchn.bind_virq', ...me, virq: VIRQ.TIMER, target: 0 },
      { type: 'evtchn.bind_ipi', ...me, target: 0 },
      { type: 'evtchn.bind_pirq', ...me, pirq: 16 },
    ];
    const xens = Object.keys(host.xen.domains[3]?.events.channels ?? {}).map(Number);
    const emulatorsEnds = Object.entries(host.xen.domains[0]?.events.channels ?? {}).flatMap(
      ([port, c]) => (c.binding.state === 'interdomain' ? [Number(port)] : []),
    );
    const server = { ...tool, domid: 3 } as const;
    const pages = Array.from(host.xen.frames.owner as Uint16Array, (_, f) => f).filter(
      (f) =>
        host.xen.frames.owner[f] === 1 &&
        typeOf(host.xen.frames, f) === PGT.writable &&
        !hasFlag(host.xen.frames, f, FLAG.xenheap) &&
        host.hardware.content[f] === undefined,
    );
    const page = (n: number) => pages[n] ?? 1;
    const control: WorldEvent = {
      type: 'evtchn.init_control',
      ...me,
      target: 0,
      gfn: page(0),
      offset: 0,
    };
    const array: WorldEvent = { type: 'evtchn.expand_array', ...me, gfn: page(1) };
    const upcall: WorldEvent = { type: 'guest.upcall', ...me };
    const reset: WorldEvent = { type: 'evtchn.reset', ...me, target: 1, ports: null };
    const name = fifo ? 'FIFO' : '2-level';
    return [
      life(`ports, ${name}`, host, [
        raised,
        [upcall],
        each('guest.mask'),
        raised,
        [upcall],
        each('evtchn.unmask'),
        [upcall],
        raised,
        each('evtchn.close'),
        bound,
        [reset],
      ]),
      life(`a peer closes, ${name}`, host, [
        raised,
        [
          { type: 'evtchn.close', domid: 2, vcpu: 0, port: 1 },
          { type: 'evtchn.bind_interdomain', domid: 2, vcpu: 0, remote: 1, remotePort: 2 },
        ],
        [{ type: 'evtchn.reset', domid: 2, vcpu: 0, target: 2, ports: 1 }, goOn(2)],
      ]),
      life(`a peer finishes a reset, ${name}`, host, [
        [{ type: 'evtchn.reset', domid: 2, vcpu: 0, target: 2, ports: 0 }, finish(2)],
        [{ type: 'evtchn.reset', domid: 1, vcpu: 0, target: 1, ports: 1 }, finish(1)],
      ]),
      life(`a reset in steps, ${name}`, host, [
        raised,
        each('guest.mask'),
        [
          { type: 'evtchn.reset', ...me, target: 1, ports: 1 },
          ...PORTS.map(() => goOn(1, 1)),
          goOn(1),
        ],
      ]),
      life(`a reset at once, ${name}`, host, [raised, each('guest.mask'), [reset]]),
      life(`the ABI changes, and back, ${name}`, host, [
        each('guest.mask'),
        [control, reset],
        bound,
        each('guest.mask'),
        [control, { ...reset, ports: 0 } as WorldEvent, goOn(1)],
        bound,
        each('guest.mask'),
        [control, { ...reset, ports: 0 } as WorldEvent, finish(1)],
        bound,
        each('guest.mask'),
        [control],
        destroyed(1),
      ]),
      life(`the ABI changes, ${name}`, host, [
        raised,
        each('guest.mask'),
        raised,
        [control, array, upcall],
        raised,
        each('evtchn.unmask'),
        raised,
        [reset],
      ]),
      life(`the ABI changes with events, ${name}`, host, [
        raised,
        [control],
        raised,
        [array, upcall],
      ]),
      life(`a reset without an array, ${name}`, host, [[control, reset]]),
      life(`a reset in steps without an array, ${name}`, host, [
        [control, { ...reset, ports: 1 } as WorldEvent, goOn(1)],
      ]),
      life(`a death, ${name}`, host, [
        raised,
        each('guest.mask'),
        raised,
        destroyed(1),
        destroyed(2),
      ]),
      life(`a death of the peer, ${name}`, host, [raised, destroyed(2), [{ type: 'rcu.run' }]]),
      life(`a death at once, ${name}`, host, [
        raised,
        each('guest.mask'),
        destroyed(1, 0),
        [finish(0)],
      ]),
      life(`a death at once without an array, ${name}`, host, [
        [control],
        destroyed(1, 0),
        [finish(0)],
      ]),
      life(`a death without an array, ${name}`, host, [[control], destroyed(1)]),
      life(`a death of the peer at once, ${name}`, host, [
        raised,
        destroyed(2, 0),
        [finish(0), { type: 'rcu.run' }],
      ]),
      life(`Xen's ports, ${name}`, host, [
        emulatorsEnds.map(
          (port): WorldEvent => ({ type: 'evtchn.close', ...tool, domid: 0, port }) as WorldEvent,
        ),
        xens.map(
          (remotePort): WorldEvent => ({
            type: 'evtchn.bind_interdomain',
            domid: 0,
            vcpu: 0,
            remote: 3,
            remotePort,
          }),
        ),
        [{ type: 'evtchn.reset', domid: 0, vcpu: 0, target: 0, ports: null }],
        [
          { type: 'ioreq.destroy', ...server, server: 0 },
          { type: 'ioreq.create', ...server, buffered: false },
        ],
        [{ type: 'ioreq.destroy', ...server, server: 0 }],
      ]),
      life(`Xen's ports, bound, then destroyed, ${name}`, host, [
        [{ type: 'ioreq.destroy', ...server, server: 0 }],
      ]),
      life(`Xen's ports of a domain that dies, ${name}`, host, [destroyed(3)]),
      life(`Xen's ports of a domain that is finished off, ${name}`, host, [
        destroyed(3, 0),
        [finish(0)],
      ]),
      life(`Xen's unbound ports of a domain that dies, ${name}`, host, [
        emulatorsEnds.map(
          (port): WorldEvent => ({ type: 'evtchn.close', domid: 0, vcpu: 0, port }),
        ),
        destroyed(3),
      ]),
      life(`Xen's unbound ports of a domain that is finished off, ${name}`, host, [
        emulatorsEnds.map(
          (port): WorldEvent => ({ type: 'evtchn.close', domid: 0, vcpu: 0, port }),
        ),
        destroyed(3, 0),
        [finish(0)],
      ]),
      life(`Xen's unbound ports in an update, ${name}`, host, [
        emulatorsEnds.map(
          (port): WorldEvent => ({ type: 'evtchn.close', domid: 0, vcpu: 0, port }),
        ),
        UPDATE,
      ]),
      life(`the emulator's ports closed in steps, ${name}`, host, [
        [{ type: 'evtchn.reset', domid: 0, vcpu: 0, target: 0, ports: 1 }, goOn(0, 2), goOn(0)],
      ]),
      life(`the emulator's ports closed and finished, ${name}`, host, [
        [{ type: 'evtchn.reset', domid: 0, vcpu: 0, target: 0, ports: 1 }, finish(0)],
      ]),
      life(`ports in an update, ${name}`, host, [
        raised,
        each('guest.mask'),
        UPDATE,
        raised,
        each('evtchn.unmask'),
      ]),
      life(`ports in an update, silent, ${name}`, host, [raised, UPDATE, [upcall]]),
      life(`ports without an array in an update, ${name}`, host, [[control], UPDATE]),
    ];
  });

/** The guest masks its ports, goes over to FIFO, and shuts down; the masks are seen again. */
const softMasks = (): Life[] =>
  [null, 0].map((ports) =>
    life(
      `masks in a soft reset, ${ports === null ? 'at once' : 'in steps'}`,
      hostOf(['pvh'], (draft) => {
        for (let n = 0; n < 3; n++) bindIpi(draft, 1, { vcpu: 0 });
      }),
      [
        [1, 2, 3].map((port): WorldEvent => ({ type: 'guest.mask', domid: 1, vcpu: 0, port })),
        [
          { type: 'evtchn.init_control', domid: 1, vcpu: 0, target: 0, gfn: 5, offset: 0 },
          { type: 'sched.shutdown', domid: 1, vcpu: 0, reason: SHUTDOWN.soft_reset },
          { type: 'domctl.pausedomain', ...tool, domid: 1 },
          { type: 'domctl.soft_reset', ...tool, domid: 1, ports },
          softOn(),
        ],
      ],
    ),
  );

/** A soft reset closes ports as well, of the domain and of its peers. */
const softPorts = (): Life[] =>
  [false, true].flatMap((steps) => {
    const make = (fifo: boolean) =>
      hostOf(['pvh', 'pv'], (draft) => {
        if (fifo) useFifo(draft, 1);
        bindUnbound(draft, 1, 0);
        bindInterdomain(draft, 1, 2);
        bindVirq(draft, 1, VIRQ.TIMER, { vcpu: 0 });
        bindIpi(draft, 1, { vcpu: 0 });
        bindPirq(draft, 1, 16, 16);
        for (const port of [1, 2, 3]) raise(draft, 1, port);
        for (const port of [2, 3]) mask(draft, 1, port);
        pauseByController(draft, 1);
        shutDown(draft, 1, 'complete', SHUTDOWN.soft_reset);
      });
    const ask: WorldEvent = {
      type: 'domctl.soft_reset',
      ...tool,
      domid: 1,
      ports: steps ? 0 : null,
    };
    return [true, false].map((fifo) =>
      life(
        `ports in a soft reset, ${fifo ? 'FIFO' : '2-level'}${steps ? ', in steps' : ''}`,
        make(fifo),
        [[ask, softOn()]],
      ),
    );
  });

// ------------------------------------------------------------- IOMMU, restore

const withDevice = () =>
  hostOf(['pv'], (draft) => {
    assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
  });
const updates = (): Life[] => [
  life('an update with a device', withDevice(), [UPDATE, UPDATE]),
  life('an update without R34', withDevice(), [UPDATE], without(defaultDesign, 'R34')),
  life('an update without R33', withDevice(), [UPDATE], without(defaultDesign, 'R33')),
  life('an update given up', withDevice(), [{ giveUpAfter: 6 }, { giveUpAfter: 4 }]),
  life(
    'an update without R8',
    hostOf(['pv'], () => undefined),
    [destroyed(1, 6), UPDATE],
    without(defaultDesign, 'R8'),
  ),
];

// ------------------------------------------------------------- kexec

const image = { build: buildHost().xen.build, commandLine: '' } as const;
const LOAD: WorldEvent = { type: 'kexec.load', ...image };
const KERNEL: WorldEvent = { type: 'kexec.load_default', build: null, commandLine: 'vmlinuz' };
const XEN: WorldEvent = { type: 'kexec.load_default', ...image };
const UNLOAD: WorldEvent = { type: 'kexec.unload' };
const EXEC: WorldEvent = { type: 'kexec.exec' };
const REQUEST: WorldEvent = { type: 'lu.request' };

/** A host with something of everything, its Xen booted with a liveupdate= option of its own. */
const everything = (): Host => {
  const draft = mixedDraft();
  loadKexec(draft, 'crash');
  return finishHost(draft);
};
const bootable = (): WorldEvent =>
  ({
    ...XEN,
    commandLine: formatLiveUpdate(buildHost().xen.bootmem),
  }) as WorldEvent;

const slots = (): Life[] => {
  const small = () => hostOf(['pv'], (draft) => loadKexec(draft, 'crash'));
  const r10 = without(defaultDesign, 'R10');
  const park = (domid: number): WorldEvent => ({ type: 'lu.park', domid });
  return [
    life('images', small(), [
      [LOAD, LOAD, UNLOAD, KERNEL, KERNEL, UNLOAD, KERNEL, LOAD, KERNEL, LOAD],
      { giveUpAfter: 2 },
      { giveUpAfter: 9 },
      UPDATE,
    ]),
    ...[UNLOAD, KERNEL].flatMap((e, i) => [
      life(`the slot changes ${i}`, everything(), [[LOAD, REQUEST, e], UPDATE], r10),
      life(
        `the slot changes in the middle ${i}`,
        everything(),
        [[LOAD, REQUEST, park(2), e], UPDATE],
        r10,
      ),
      life(
        `the slot changes in the middle, and back ${i}`,
        small(),
        [
          [
            LOAD,
            REQUEST,
            park(1),
            e,
            LOAD,
            e,
            KERNEL,
            UNLOAD,
            KERNEL,
            { type: 'lu.cancel' },
            { type: 'lu.rollback' },
          ],
        ],
        r10,
      ),
      life(
        `the slot changes in the middle, given up ${i}`,
        small(),
        [[LOAD, REQUEST, park(1), e, { type: 'lu.cancel' }, { type: 'lu.rollback' }]],
        r10,
      ),
    ]),
    life('both share one region', small(), [[LOAD], UPDATE], answer({ Q15: 'shared' })),
    life('the only domain that is stopped goes', small(), [
      [LOAD, REQUEST, park(1), ...destroyed(1, 0), finish(0)],
    ]),
    life('nobody is stopped', small(), [UPDATE], without(defaultDesign, 'R2')),
    life('a normal reboot', everything(), [
      [bootable(), EXEC, { type: 'xen2.boot' }, { type: 'xen2.map-stream' }],
    ]),
    life('a normal reboot with a device', withDevice(), [[bootable(), EXEC]]),
  ];
};

/** xen#2 stops, wherever it is: by itself, or where a rule is dropped. */
const crashes = (): Life[] => {
  const small = () => hostOf(['pv']);
  const script = life('', small(), [UPDATE]).events;
  const jump = script.findIndex((e) => e.type === 'lu.jump');
  return [
    ...script
      .slice(jump + 1, -1)
      .map((_, i) =>
        life(`a panic ${i}`, small(), [
          [...script.slice(0, jump + 1 + i), { type: 'xen2.panic', what: 'injected' }],
        ]),
      ),
    life(
      'a crash at the jump',
      small(),
      [[LOAD, REQUEST, UNLOAD], UPDATE],
      without(defaultDesign, 'R10'),
    ),
    life('a crash before it', small(), [UPDATE], without(defaultDesign, "R12'")),
  ];
};

// ------------------------------------------------------------- two of a kind

/** On a host of dom0 and `n` PV guests of 16 pages: a page of one that is nothing but data. */
const dataOf = (n: number) => {
  const { xen, hardware } = hostOf(Array.from({ length: n }, () => 'pv' as const));
  return (domid: number): number =>
    Array.from(xen.frames.owner as Uint16Array, (_, f) => f).find(
      (f) =>
        xen.frames.owner[f] === domid &&
        typeOf(xen.frames, f) === PGT.writable &&
        !hasFlag(xen.frames, f, FLAG.xenheap) &&
        hardware.content[f] === undefined,
    ) ?? 0;
};

/** The same happens to two of a kind, one step apart: what moves one leaves the other. */
const twins = (): Life[] => {
  const requestOf = (vcpu: number, server = 0): WorldEvent[] => [
    { type: 'ioreq.send', domid: 1, vcpu, server, addr: 0x60, write: true },
    { type: 'emulator.take', domid: 1, vcpu, server },
    { type: 'emulator.respond', domid: 1, vcpu, server },
    { type: 'vcpu.complete-io', domid: 1, vcpu },
  ];
  const [send0, take0, respond0, complete0] = requestOf(0) as [
    WorldEvent,
    WorldEvent,
    WorldEvent,
    WorldEvent,
  ];
  const [send1, take1, respond1, complete1] = requestOf(1) as [
    WorldEvent,
    WorldEvent,
    WorldEvent,
    WorldEvent,
  ];
  const model = (change: (draft: HostDraft) => void = () => undefined) => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
    addDomain(draft, { type: 'hvm', pages: 16, vcpus: 2 });
    for (let n = 0; n < 5; n++) addDomain(draft, { type: 'pv', pages: 16 });
    for (let n = 0; n < 2; n++) addIoreqServer(draft, 1, { emulator: 2 });
    domainAt(draft, 2).domain.target = 1 as never;
    change(draft);
    return finishHost(draft);
  };
  const create: WorldEvent = {
    type: 'ioreq.create',
    caller: 2,
    vcpu: 0,
    domid: 1,
    buffered: false,
  };
  const destroy = (server: number): WorldEvent => ({
    type: 'ioreq.destroy',
    caller: 2,
    vcpu: 0,
    domid: 1,
    server,
  });
  const other = [destroy(1), create];
  const spare = (domid: number): WorldEvent[] => [
    { type: 'domctl.destroydomain', ...tool, domid },
    finish(0),
  ];
  const resume: WorldEvent = { type: 'domctl.resumedomain', ...tool, domid: 1 };
  const suspending = (draft: HostDraft): void => {
    sendIoreq(draft, 1, 0, 1, 3);
    shutDown(draft, 1, 'in_progress', SHUTDOWN.poweroff);
    const v = vcpuAt(domainAt(draft, 1), 0);
    v.pausedForShutdown = false;
    v.pauseCount--;
  };
  const unloaded: readonly Chapter[] = [[LOAD, REQUEST, UNLOAD], UPDATE];
  const hasty = without(defaultDesign, 'R10', 'R12');

  const twoVcpus = (() => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16 });
    const d = addDomain(draft, { type: 'pv', pages: 32, vcpus: 2 });
    for (const n of [0, 1]) {
      const children = [0, 1].map(() => addTable(draft, d, 1, []));
      setOldGuestTable(
        draft,
        d,
        n,
        addPartialTable(draft, d, { level: 2, children, validated: 1 }),
      );
    }
    return finishHost(draft);
  })();
  const l2s = Object.keys(twoVcpus.xen.frames.partial).map(Number);
  const pin = (vcpu: number, entries: number | null): WorldEvent => ({
    type: 'mmuext.pin',
    domid: 1,
    vcpu,
    level: 2,
    frame: l2s[vcpu] ?? 0,
    entries,
  });
  const unpin = (vcpu: number, entries: number | null): WorldEvent => ({
    type: 'mmuext.unpin',
    domid: 1,
    vcpu,
    frame: l2s[vcpu] ?? 0,
    entries,
  });
  const put = (vcpu: number): WorldEvent => ({ type: 'mm.put-old-table', domid: 1, vcpu });
  const goOnPinning = (vcpu: number): WorldEvent => ({
    type: 'mmuext.pin-continue',
    domid: 1,
    vcpu,
  });

  const logged = () => {
    const draft = buildHost();
    addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
    for (let n = 0; n < 2; n++) addDomain(draft, { type: 'hvm', pages: 16 });
    return finishHost(draft);
  };
  const op = (
    domid: number,
    name: 'enable_logdirty' | 'peek' | 'clean' | 'off',
    preempt = false,
  ): WorldEvent => ({
    type: 'domctl.shadow_op',
    caller: 0,
    vcpu: domid - 1,
    domid,
    op: name,
    preempt,
  });
  const on = (domid: number): WorldEvent => ({ type: 'paging.continue', domid });
  const both = [op(1, 'enable_logdirty'), op(2, 'enable_logdirty')];
  return [
    life('two requests', model(), [
      [send0, send1, take1, take0, respond0, respond1, complete1, complete0],
    ]),
    life('two servers', model(), [
      other,
      [
        send0,
        ...other,
        ...spare(4),
        take0,
        ...other,
        ...spare(5),
        respond0,
        ...other,
        ...spare(6),
        complete0,
      ],
      [destroy(0), destroy(1), create, create],
    ]),
    life('two requests overtaken', model(), [
      [
        send0,
        send1,
        take0,
        take1,
        respond0,
        respond1,
        shutdownBy0(SHUTDOWN.crash),
        resume,
        complete1,
        complete0,
      ],
    ]),
    life('two requests, one suspended', model(suspending), [
      [send0, complete1, resume, complete1, complete0],
    ]),
    life('a jump that does not happen, with a request', model(), [[send0], ...unloaded], hasty),
    life('two pins', twoVcpus, [
      [
        pin(1, 1),
        put(0),
        pin(0, 1),
        goOnPinning(1),
        unpin(1, null),
        pin(1, 1),
        finish(1, 1),
        goOnPinning(0),
      ],
      [unpin(0, 1), unpin(1, 1), put(1), pin(1, null), unpin(1, 1), finish(1, 1), put(0)],
    ]),
    life('two pins across an update', twoVcpus, [
      [put(0), put(1), pin(0, 1), pin(1, 1)],
      UPDATE,
      [goOnPinning(1), goOnPinning(0)],
    ]),
    life('two pins across an update, finished', twoVcpus, [
      [put(0), put(1), pin(0, 1), pin(1, 1)],
      UPDATE,
      [finish(1, 1), finish(1, 0)],
    ]),
    life('two unpins across an update', twoVcpus, [
      [put(0), put(1), pin(0, null), pin(1, null), unpin(0, 1), unpin(1, 1)],
      UPDATE,
      [finish(1, 1), finish(1, 0)],
    ]),
    life('two domains logged', logged(), [
      [op(2, 'enable_logdirty'), op(2, 'off')],
      both,
      ...(['peek', 'clean', 'off'] as const).map((h) => [
        op(1, h, true),
        op(2, 'peek', true),
        on(2),
        op(2, 'peek', true),
        finish(0, 1),
        on(1),
        op(1, 'enable_logdirty'),
      ]),
    ]),
    ...(['peek', 'clean', 'off'] as const).map((h) =>
      life(
        `two domains logged, a ${h} lost`,
        logged(),
        [[...both, op(1, h, true), op(2, h, true)], UPDATE, [finish(0, 1), finish(0, 0)]],
        answer({ Q5: 'lose' }),
      ),
    ),
    life(
      'two operations that nobody goes on with',
      (() => {
        const draft = buildHost();
        addDomain(draft, { type: 'pv', pages: 16 });
        for (const id of [1, 2]) {
          const { domain } = addDomain(draft, { type: 'hvm', pages: 16 });
          domain.pagingPreempt = { caller: 0 as never, op: 'clean', done: 1 };
          if (domain.p2m !== null) domain.p2m.logDirty = id > 0;
        }
        return finishHost(draft);
      })(),
      [[on(2), on(1)]],
    ),
    life(
      'a jump that does not happen, in a log-dirty',
      logged(),
      [[op(1, 'enable_logdirty'), op(1, 'clean', true)], ...unloaded],
      {
        ...without(answer({ Q5: 'exact' }), 'R10'),
      },
    ),
    ...(['registers-only', 'restart', 'cursor-only'] as const).map((Q4) =>
      life(
        `two resets, Q4 = ${Q4}`,
        resetHost(),
        [[...resetsOf(1), byTool], UPDATE, [softOn(), goOn(1)]],
        answer({ Q4 }),
      ),
    ),
    life(
      'two soft resets',
      hostOf(['pvh', 'pvh'], (draft) => {
        for (const id of [1, 2]) {
          bindUnbound(draft, id, 0);
          bindIpi(draft, id, { vcpu: 0 });
          raise(draft, id, 2);
          pauseByController(draft, id);
          shutDown(draft, id, 'complete', SHUTDOWN.soft_reset);
        }
      }),
      [[{ type: 'domctl.soft_reset', ...tool, domid: 1, ports: 0 }, softOn(1), softOn()]],
    ),
    life(
      'two upcalls',
      hostOf(['pv', 'pv'], (draft) => {
        for (const id of [1, 2]) {
          useFifo(draft, id);
          bindIpi(draft, id, { vcpu: 0 });
          raise(draft, id, 1);
          mask(draft, id, 1);
        }
      }),
      [
        [
          { type: 'evtchn.unmask', domid: 1, vcpu: 0, port: 1 },
          { type: 'evtchn.unmask', domid: 2, vcpu: 0, port: 1 },
          { type: 'guest.upcall', domid: 2, vcpu: 0 },
          { type: 'guest.upcall', domid: 1, vcpu: 0 },
        ],
      ],
    ),
    life(
      'masked while others change',
      (() => {
        const draft = buildHost();
        addDomain(draft, { type: 'pv', pages: 16 });
        for (let n = 0; n < 3; n++) {
          addDomain(draft, { type: 'pv', pages: 16 });
          bindIpi(draft, n + 1, { vcpu: 0 });
          mask(draft, n + 1, 1);
        }
        return finishHost(draft);
      })(),
      [
        spare(3),
        [1, 2].map(
          (domid): WorldEvent => ({
            type: 'evtchn.init_control',
            domid,
            vcpu: 0,
            target: 0,
            gfn: dataOf(3)(domid),
            offset: 0,
          }),
        ),
      ],
    ),
    life(
      'a crash at the jump, with a domain that went',
      hostOf(['pv', 'pv']),
      [[...spare(2), LOAD, REQUEST, { type: 'lu.park', domid: 1 }, UNLOAD], UPDATE],
      without(defaultDesign, 'R10'),
    ),
    life(
      'a crash at the map of the stream',
      hostOf(['pv', 'pv']),
      [spare(2), UPDATE],
      without(defaultDesign, 'R30'),
    ),
    life(
      'a crash at the verification',
      hostOf(['hvm'], (draft) => {
        mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }), host: true });
      }),
      [UPDATE],
      without(defaultDesign, 'F7.5.type'),
    ),
    life(
      'a crash at the take-over',
      hostOf(['pv', 'pv'], (draft) => {
        assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
        domainAt(draft, 1).domain.target = 2 as never;
      }),
      [destroyed(2), UPDATE],
      without(defaultDesign, 'R8'),
    ),
    life(
      'a crash at the reservation',
      hostOf(
        ['pv'],
        (draft) => {
          assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
        },
        { ramFrames: 64 * 1024 },
      ),
      [UPDATE],
      without(defaultDesign, 'R25'),
    ),
    life('a domain that dies before it is settled', hostOf(['pv', 'pv']), [
      { update: '4.17', settles: false },
      spare(2),
      [{ type: 'lu.settle' }],
    ]),
    life('an update after a domain went', hostOf(['pv', 'pv']), [spare(2), UPDATE]),
    life('a domain that is made anew before it is settled', hostOf(['pv', 'pv', 'pv']), [
      [...spare(3), ...spare(2), { type: 'rcu.run' }],
      { update: '4.17', settles: false },
      [3, 2].map(
        (domid): WorldEvent => ({
          type: 'domctl.createdomain',
          ...tool,
          domid,
          domainType: 'pv',
          maxVcpus: 1,
          grantVersion: 1,
          maxGrantFrames: 4,
        }),
      ),
      [{ type: 'lu.settle' }],
    ]),
    life(
      'a jump that does not happen, with a domain that is not saved',
      hostOf(['pv', 'pv'], (draft) => {
        domainAt(draft, 1).domain.target = 2 as never;
      }),
      [[...destroyed(2), LOAD, REQUEST, UNLOAD], UPDATE],
      without(defaultDesign, 'R8', 'R10'),
    ),
    life('domains that are made', hostOf(['pv', 'pv', 'pv']), [
      spare(3),
      spare(2),
      [{ type: 'rcu.run' }],
      [3, 2].map(
        (domid): WorldEvent => ({
          type: 'domctl.createdomain',
          ...tool,
          domid,
          domainType: 'pv',
          maxVcpus: 1,
          grantVersion: 1,
          maxGrantFrames: 4,
        }),
      ),
    ]),
  ];
};

/** All of them. */
export const objectLives = (): Life[] => [
  ...resets(),
  ...requests(),
  ...mm(),
  ...typed(),
  ...paging(),
  ...grants(),
  ...ports(),
  ...softPorts(),
  ...softMasks(),
  ...updates(),
  ...slots(),
  ...crashes(),
  ...twins(),
];
