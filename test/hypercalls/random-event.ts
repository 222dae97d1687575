/**
 * Events that have a chance to happen: six small numbers become an event, and
 * every place in it is chosen among those that the host has, modulo their
 * number. So a shorter or smaller sequence of numbers stays a sequence of
 * events, and shrinks.
 */
import { numericEntries, numericKeys } from '../../src/host/codec.ts';
import { P2M_TYPE, PTE, pte, pteFrame } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import { FLAG, flagsOf, frameCount, ownerOf, typeOf } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { isPageTable, PGT } from '../../src/host/page-type.ts';
import { forEachP2mEntry } from '../../src/host/references.ts';
import type { HostEvent } from '../../src/hypercalls/events.ts';
import { isRunnable } from '../../src/hypercalls/vcpus.ts';

export type Raw = readonly [number, number, number, number, number, number];

const pick = <T>(from: readonly T[], n: number, otherwise: T): T =>
  from.length === 0 ? otherwise : (from[n % from.length] as T);

const framesOf = (host: Host, d: number, wanted: (flags: number) => boolean): number[] => {
  const found: number[] = [];
  for (let f = 0; f < frameCount(host.xen.frames); f++)
    if (ownerOf(host.xen.frames, f) === d && wanted(flagsOf(host.xen.frames, f))) found.push(f);
  return found;
};

const ordinary = (flags: number): boolean =>
  (flags & (FLAG.allocated | FLAG.xenheap | FLAG.extra)) === FLAG.allocated;
const ofType =
  (...types: readonly number[]) =>
  (flags: number): boolean =>
    types.includes(flags & FLAG.typeMask);

/** A name for one of the domain's pages: mfn or gfn. */
const pageOf = (host: Host, d: Domain, n: number): number => {
  const frame = pick(framesOf(host, d.domid, ordinary), n, 1);
  return d.type === 'pv' ? frame : (host.hardware.m2p.entries[frame] ?? 0);
};

/** A page without type references, which can still become anything. */
const untypedOf = (host: Host, d: Domain, n: number): number => {
  const { typeCount } = host.xen.frames;
  const frames = framesOf(host, d.domid, ordinary).filter((f) => typeCount[f] === 0);
  return n % 8 === 0 || d.type !== 'pv' ? pageOf(host, d, n) : pick(frames, n >> 3, 1);
};

const channelOf = (d: Domain, n: number): number => pick(numericKeys(d.events.channels), n, 1);

/** A grant of `to` somewhere, as [granter, ref]. */
const grantFor = (host: Host, to: number, n: number): readonly [number, number] => {
  const found: [number, number][] = [];
  for (const [g, d] of numericEntries(host.xen.domains))
    for (const frame of d.grants.frames)
      for (const kind of ['grant-v1', 'grant-v2'] as const)
        for (const [slot, entry] of numericEntries(
          contentOf(host.hardware, frame, kind)?.entries ?? {},
        ))
          if (entry.domid === to || n % 7 === 0) found.push([g, slot]);
  return pick(found, n, [0, 8]);
};

/** Where the frame of a handle is mapped: the place for its unmap. */
const mappedAt = (host: Host, d: Domain, handle: number): { at: number; slot: number } => {
  const map = d.grants.maptrack[handle];
  const frame =
    map === undefined ? -1 : host.xen.domains[map.granter]?.grants.active[map.ref]?.frame;
  if (d.type !== 'pv') {
    let at = 0;
    forEachP2mEntry(host.hardware, d, (gfn, f, type) => {
      const grant = type === P2M_TYPE.grant_map_ro || type === P2M_TYPE.grant_map_rw;
      if (f === frame && grant) at = gfn;
    });
    return { at, slot: 0 };
  }
  for (const at of framesOf(host, d.domid, ofType(PGT.l1))) {
    const entries = contentOf(host.hardware, at, 'pagetable')?.entries ?? new Uint32Array();
    const slot = entries.findIndex((e) => (e & PTE.grant) !== 0 && pteFrame(e) === frame);
    if (slot >= 0) return { at, slot };
  }
  return { at: 0, slot: 0 };
};

const FREE_GFNS = 300;
const SMALL = { first: 0, last: 4 };

/** Entries of a table of `level` over the domain's own tables and pages. */
const entriesFor = (host: Host, d: number, level: number, n: number): number[] => {
  const below = level === 1 ? ordinary : ofType(n % 5 === 0 ? level : level - 1);
  const frames = framesOf(host, d, below);
  return Array.from({ length: 1 + (n % 3) }, (_, i) =>
    pte(pick(frames, n + 3 * i, 1), PTE.present | (n % 2 === 0 ? PTE.rw : 0)),
  );
};

type Make = (
  host: Host,
  d: Domain,
  w: { readonly domid: number; readonly vcpu: number },
  n: readonly [number, number, number, number],
) => HostEvent;

/** One for each event: the compiler asks for a maker when an event is added. */
const makers: { readonly [K in HostEvent['type']]: Make } = {
  'evtchn.alloc_unbound': (h, d, w, [a, b]) => ({
    type: 'evtchn.alloc_unbound',
    ...w,
    target: a % 3 === 0 ? pick(numericKeys(h.xen.domains), a, 0) : d.domid,
    remote: pick(numericKeys(h.xen.domains), b, 0),
  }),
  'evtchn.bind_interdomain': (h, d, w, [a]) => {
    const waiting: [number, number][] = numericEntries(h.xen.domains).flatMap(([id, o]) =>
      numericEntries(o.events.channels)
        .filter(([, c]) => c.binding.state === 'unbound' && c.binding.remoteDomid === d.domid)
        .map(([p]): [number, number] => [id, p]),
    );
    const [remote, remotePort] = pick(waiting, a, [0, 1]);
    return { type: 'evtchn.bind_interdomain', ...w, remote, remotePort };
  },
  'evtchn.bind_virq': (_h, _d, w, [a, b]) => ({
    type: 'evtchn.bind_virq',
    ...w,
    virq: a % 25,
    target: b % 3,
  }),
  'evtchn.bind_pirq': (_h, _d, w, [a]) => ({ type: 'evtchn.bind_pirq', ...w, pirq: 15 + (a % 3) }),
  'evtchn.bind_ipi': (_h, _d, w, [a]) => ({ type: 'evtchn.bind_ipi', ...w, target: a % 3 }),
  'evtchn.bind_vcpu': (_h, d, w, [a, b]) => ({
    type: 'evtchn.bind_vcpu',
    ...w,
    port: channelOf(d, a),
    target: b % 3,
  }),
  'evtchn.close': (_h, d, w, [a]) => ({ type: 'evtchn.close', ...w, port: channelOf(d, a) }),
  'evtchn.send': (_h, d, w, [a]) => ({ type: 'evtchn.send', ...w, port: channelOf(d, a) }),
  'evtchn.unmask': (_h, d, w, [a]) => ({ type: 'evtchn.unmask', ...w, port: channelOf(d, a) }),
  'evtchn.set_priority': (_h, d, w, [a, b]) => ({
    type: 'evtchn.set_priority',
    ...w,
    port: channelOf(d, a),
    priority: b % 17,
  }),
  'guest.mask': (_h, d, w, [a]) => ({ type: 'guest.mask', ...w, port: channelOf(d, a) }),
  'guest.upcall': (_h, _d, w) => ({ type: 'guest.upcall', ...w }),
  'evtchn.reset': (h, d, w, [a, b]) => ({
    type: 'evtchn.reset',
    ...w,
    target: a % 2 === 0 ? d.domid : pick(numericKeys(h.xen.domains), a, 0),
    ports: b % 2 === 0 ? null : b % 6,
  }),
  'evtchn.reset-continue': (_h, _d, w, [a]) => ({
    type: 'evtchn.reset-continue',
    ...w,
    ports: a % 2 === 0 ? null : a % 6,
  }),
  'evtchn.init_control': (h, d, w, [a, b]) => ({
    type: 'evtchn.init_control',
    ...w,
    target: b % 3,
    gfn: pageOf(h, d, a),
    offset: (b % 3) * 8,
  }),
  'evtchn.expand_array': (h, d, w, [a]) => ({
    type: 'evtchn.expand_array',
    ...w,
    gfn: pageOf(h, d, a),
  }),
  'grant.offer': (h, d, w, [a, b, c]) => ({
    type: 'grant.offer',
    ...w,
    ref: c % 12,
    to: pick(numericKeys(h.xen.domains), a, 0),
    gfn: pageOf(h, d, b),
    readonly: c % 3 === 0,
    offer:
      a % 5 === 0
        ? 'transfer'
        : a % 7 === 0
          ? { offset: 0, length: 64 }
          : a % 11 === 0
            ? { domid: 0, ref: 8 }
            : 'page',
  }),
  'grant.revoke': (_h, _d, w, [a]) => ({ type: 'grant.revoke', ...w, ref: a % 12 }),
  'grant.map': (h, d, w, [a, b, c]) => {
    const [granter, ref] = grantFor(h, d.domid, a);
    const l1 = pick(framesOf(h, d.domid, ofType(PGT.l1)), b, 0);
    return {
      type: 'grant.map',
      ...w,
      granter,
      ref,
      flags: d.type === 'pv' ? c % 8 : 2 + 4 * (c % 2),
      at: d.type === 'pv' ? l1 : FREE_GFNS + (b % 50),
      slot: 200 + (b % 20),
    };
  },
  'grant.unmap': (h, d, w, [a, b]) => {
    const handle = pick(numericKeys(d.grants.maptrack), a, 0);
    return { type: 'grant.unmap', ...w, handle, parts: 1 + (b % 3), ...mappedAt(h, d, handle) };
  },
  'grant.copy': (h, d, w, [a, b, c]) => {
    const [granter, ref] = grantFor(h, d.domid, a);
    return { type: 'grant.copy', ...w, granter, ref, gfn: pageOf(h, d, b), into: c % 2 === 0 };
  },
  'grant.transfer': (h, d, w, [a, b]) => {
    const [to, ref] = grantFor(h, d.domid, a);
    return { type: 'grant.transfer', ...w, to, ref, gfn: untypedOf(h, d, b) };
  },
  'grant.setup_table': (_h, _d, w, [a]) => ({ type: 'grant.setup_table', ...w, frames: a % 5 }),
  'grant.set_version': (_h, _d, w, [a]) => ({ type: 'grant.set_version', ...w, version: a % 4 }),
  'memory.increase_reservation': (_h, _d, w) => ({ type: 'memory.increase_reservation', ...w }),
  'memory.populate_physmap': (h, d, w, [a, b]) => ({
    type: 'memory.populate_physmap',
    ...w,
    target: a % 4 === 0 ? pick(numericKeys(h.xen.domains), a, 0) : d.domid,
    gfn: 400 + (b % 300),
  }),
  'memory.decrease_reservation': (h, d, w, [a]) => ({
    type: 'memory.decrease_reservation',
    ...w,
    gfn: a % 2 === 0 ? pageOf(h, d, a) : FREE_GFNS + (a % 50),
  }),
  'memory.exchange': (h, d, w, [a]) => ({ type: 'memory.exchange', ...w, gfn: untypedOf(h, d, a) }),
  'memory.add_to_physmap': (h, d, w, [a, b, c]) => {
    const foreign = pick(numericKeys(h.xen.domains), a, 0);
    const other = h.xen.domains[foreign];
    const space = pick(
      ['shared_info', 'grant_table', 'grant_status', 'gmfn_foreign'] as const,
      c,
      'shared_info',
    );
    return {
      type: 'memory.add_to_physmap',
      ...w,
      gfn: b % 3 === 0 ? pageOf(h, d, b) : FREE_GFNS + (b % 50),
      space,
      index: space === 'gmfn_foreign' && other !== undefined ? pageOf(h, other, b) : a % 3,
      foreign,
    };
  },
  'memory.remove_from_physmap': (h, d, w, [a]) => ({
    type: 'memory.remove_from_physmap',
    ...w,
    gfn: a % 2 === 0 ? pageOf(h, d, a) : FREE_GFNS + (a % 50),
  }),
  'guest.write': (h, d, w, [a, b]) => ({
    type: 'guest.write',
    ...w,
    gfn: pageOf(h, d, a),
    value: b,
  }),
  'guest.write-table': (h, d, w, [a, b]) => ({
    type: 'guest.write-table',
    ...w,
    gfn: untypedOf(h, d, a),
    entries: entriesFor(h, d.domid, 1 + (b % 4), b),
  }),
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
  'vcpu.initialise': (h, d, w, [a, b]) => ({
    type: 'vcpu.initialise',
    ...w,
    target: a % 3,
    cr3: pick(framesOf(h, d.domid, ofType(PGT.l4)), b, 1),
  }),
  'vcpu.up': (_h, _d, w, [a]) => ({ type: 'vcpu.up', ...w, target: a % 3 }),
  'vcpu.down': (_h, d, w, [a]) => ({ type: 'vcpu.down', ...w, target: d.domid === 0 ? 1 : a % 3 }),
  'vcpu.register_vcpu_info': (h, d, w, [a, b]) => ({
    type: 'vcpu.register_vcpu_info',
    ...w,
    target: b % 2 === 0 ? w.vcpu : b % 3,
    gfn: pageOf(h, d, a),
    offset: (b % 4) * 64,
  }),
  'vcpu.register_runstate': (_h, _d, w, [a]) => ({
    type: 'vcpu.register_runstate',
    ...w,
    target: a % 3,
    addr: a,
  }),
  'vcpu.set_singleshot_timer': (h, _d, w, [a]) => ({
    type: 'vcpu.set_singleshot_timer',
    ...w,
    timeout: h.xen.now + (a % 5) * 1000,
    future: a % 2 === 0,
  }),
  'vcpu.stop_singleshot_timer': (_h, _d, w) => ({ type: 'vcpu.stop_singleshot_timer', ...w }),
  'vcpu.set_periodic_timer': (_h, _d, w, [a]) => ({
    type: 'vcpu.set_periodic_timer',
    ...w,
    period: a * 100_000,
  }),
  'vcpu.stop_periodic_timer': (_h, _d, w) => ({ type: 'vcpu.stop_periodic_timer', ...w }),
  'timer.fires': (_h, _d, w) => ({ type: 'timer.fires', ...w }),
  'time.passes': (_h, _d, _w, [a]) => ({ type: 'time.passes', ns: 1 + a * 1000 }),
  'sched.yield': (_h, _d, w) => ({ type: 'sched.yield', ...w }),
  'sched.block': (_h, _d, w) => ({ type: 'sched.block', ...w }),
  'sched.poll': (_h, d, w, [a, b]) => ({
    type: 'sched.poll',
    ...w,
    ports: [channelOf(d, a), channelOf(d, b)],
  }),
  'sched.shutdown': (_h, _d, w, [a]) => ({ type: 'sched.shutdown', ...w, reason: a % 7 }),
  'sched.shutdown_code': (_h, _d, w, [a]) => ({ type: 'sched.shutdown_code', ...w, reason: a % 7 }),
  'sched.remote_shutdown': (h, _d, w, [a, b]) => ({
    type: 'sched.remote_shutdown',
    ...w,
    target: pick(numericKeys(h.xen.domains), a, 0),
    reason: b % 7,
  }),
  'domctl.createdomain': (_h, _d, w, [a, b]) => ({
    type: 'domctl.createdomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: 5 + (a % 3),
    domainType: pick(['pv', 'pvh', 'hvm'] as const, b, 'pv'),
    maxVcpus: 1 + (b % 2),
    grantVersion: 1 + (a % 2),
    maxGrantFrames: 4,
  }),
  'domctl.max_vcpus': (h, _d, w, [a]) => {
    const domid = pick(numericKeys(h.xen.domains), a, 0);
    const count = h.xen.domains[domid]?.config.maxVcpus ?? 1;
    return { type: 'domctl.max_vcpus', caller: w.domid, vcpu: w.vcpu, domid, count };
  },
  'domctl.max_mem': (h, _d, w, [a, b]) => ({
    type: 'domctl.max_mem',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    pages: b,
  }),
  'domctl.setvcpucontext': (h, _d, w, [a, b]) => {
    const domid = pick(numericKeys(h.xen.domains), a, 0);
    const cr3 = pick(framesOf(h, domid, ofType(PGT.l4)), b, 1);
    return { type: 'domctl.setvcpucontext', caller: w.domid, vcpu: w.vcpu, domid, target: 0, cr3 };
  },
  'domctl.pausedomain': (h, _d, w, [a]) => ({
    type: 'domctl.pausedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.unpausedomain': (h, _d, w, [a]) => ({
    type: 'domctl.unpausedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.resumedomain': (h, _d, w, [a]) => ({
    type: 'domctl.resumedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.destroydomain': (h, _d, w, [a]) => ({
    type: 'domctl.destroydomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domain.kill': (h, _d, _w, [a]) => ({
    type: 'domain.kill',
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.dying === 'dying'),
      a,
      1,
    ),
  }),
  'domctl.shadow_op': (h, _d, w, [a, b, c]) => ({
    type: 'domctl.shadow_op',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.p2m != null),
      a,
      0,
    ),
    op: pick(['enable_logdirty', 'peek', 'clean', 'off'] as const, b, 'off'),
    preempt: c % 2 === 0,
  }),
  'paging.continue': (h, _d, _w, [a]) => ({
    type: 'paging.continue',
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.pagingPreempt !== null),
      a,
      0,
    ),
  }),
  'domctl.set_virq_handler': (h, _d, w, [a, b]) => ({
    type: 'domctl.set_virq_handler',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    virq: b % 25,
  }),
  'domctl.set_target': (h, _d, w, [a, b]) => ({
    type: 'domctl.set_target',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    target: pick(numericKeys(h.xen.domains), b, 0),
  }),
  'sysctl.cpu_hotplug': (_h, _d, w, [a, b]) => ({
    type: 'sysctl.cpu_hotplug',
    caller: w.domid,
    vcpu: w.vcpu,
    cpu: a % 3,
    fails: b % 2 === 0,
  }),
  'ioreq.create': (h, _d, w, [a, b]) => ({
    type: 'ioreq.create',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    buffered: b % 2 === 0,
  }),
  'ioreq.set_state': (_h, _d, w, [a, b]) => ({
    type: 'ioreq.set_state',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: 3,
    server: a % 3,
    enabled: b % 3 !== 0,
  }),
  'ioreq.map_range': (_h, _d, w, [a, b]) => ({
    type: 'ioreq.map_range',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: 3,
    server: a % 3,
    kind: pick([0, 1, 2] as const, b, 0),
    first: SMALL.first + a,
    last: SMALL.last + a,
  }),
  'ioreq.destroy': (_h, _d, w, [a]) => ({
    type: 'ioreq.destroy',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: 3,
    server: a % 3,
  }),
  'ioreq.send': (_h, _d, _w, [a, b]) => ({
    type: 'ioreq.send',
    domid: 3,
    vcpu: b % 2,
    server: a % 2,
    addr: 0x60 + (b % 4),
    write: b % 2 === 0,
  }),
  'emulator.take': (_h, _d, _w, [a, b]) => ({
    type: 'emulator.take',
    domid: 3,
    server: a % 2,
    vcpu: b % 2,
  }),
  'emulator.respond': (_h, _d, _w, [a, b]) => ({
    type: 'emulator.respond',
    domid: 3,
    server: a % 2,
    vcpu: b % 2,
  }),
  'vcpu.complete-io': (_h, _d, _w, [a]) => ({ type: 'vcpu.complete-io', domid: 3, vcpu: a % 2 }),
  'tasklet.run': (h, _d, _w, [a]) => ({
    type: 'tasklet.run',
    id: pick(
      h.xen.system.tasklets.map((k) => k.id),
      a,
      0,
    ),
  }),
  'rcu.run': () => ({ type: 'rcu.run' }),
  'hypercall.finish': (_h, _d, w) => ({ type: 'hypercall.finish', ...w }),
};

export const eventTypes = Object.keys(makers) as readonly HostEvent['type'][];

type Where = { readonly domid: number; readonly vcpu: number };

/** vCPUs that could be meant: those in the middle of a hypercall, or those that run. */
const whoCan = (host: Host, type: HostEvent['type'], who: number): Where => {
  const resumes = ['hypercall.finish', 'mmuext.pin-continue', 'evtchn.reset-continue'];
  const byTool = type.startsWith('domctl') || type.startsWith('sysctl');
  const all = numericEntries(host.xen.domains).flatMap(([domid, d]) =>
    d.vcpus.map((v) => ({ domid, vcpu: v.id, d, v })),
  );
  const meant = all.filter(({ d, v }) => {
    if (who % 16 === 0) return true;
    if (resumes.includes(type)) return v.registers.atHypercall;
    if (type === 'mm.put-old-table') return v.oldGuestTable !== null;
    if (type === 'guest.upcall' || type === 'timer.fires' || type === 'vcpu.complete-io')
      return true;
    if (byTool && !d.isPrivileged) return false;
    return isRunnable(d, v) && !v.registers.atHypercall;
  });
  const chosen = meant.length === 0 ? undefined : meant[(who >> 4) % meant.length];
  return { domid: chosen?.domid ?? 0, vcpu: chosen?.vcpu ?? 0 };
};

/** The first number chooses the event, the second the caller, the rest its arguments. */
export const eventOf = (host: Host, [kind, who, ...n]: Raw): HostEvent => {
  const type = eventTypes[kind % eventTypes.length] as HostEvent['type'];
  const w = whoCan(host, type, who);
  return makers[type](host, host.xen.domains[w.domid] as Domain, w, n);
};
