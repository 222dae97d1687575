/**
 * Every event as it comes from outside: its name, and for each field what it
 * may be. The compiler checks the table against the events themselves, so an
 * event that is added or changed cannot be forgotten here.
 */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Natural, nullable } from '../host/codec.ts';
import { DomainType } from '../host/domain.ts';
import { XenBuild } from '../host/system.ts';
import type { WorldEvent } from '../world/world.ts';

type Fields<E> = { readonly [F in Exclude<keyof E, 'type'>]-?: t.Type<E[F], unknown, unknown> };
/** The events with this name: one may have several names. */
type Named<K, E = WorldEvent> = E extends { readonly type: infer T }
  ? K extends T
    ? E
    : never
  : never;
type FieldsOfEvents = { readonly [K in WorldEvent['type']]: Fields<Named<K>> };

/** At most this many entries of a list in an event: a page table has 512. */
const MAX_ENTRIES = 512;
/** Text of an event: a command line, a reason. */
const MAX_TEXT = 4096;

const short = <A>(list: t.Type<readonly A[], unknown, unknown>, name: string) =>
  t.refinement(list, (a) => a.length <= MAX_ENTRIES, name);
const Naturals = short(t.readonlyArray(Natural), `at most ${MAX_ENTRIES} numbers`);
const Text = t.refinement(t.string, (s) => s.length <= MAX_TEXT, `at most ${MAX_TEXT} characters`);

const none = {} as const;
const domain = { domid: Natural } as const;
const vcpu = { domid: Natural, vcpu: Natural } as const;
const toVcpu = { ...vcpu, target: Natural } as const;
const ofPort = { ...vcpu, port: Natural } as const;
const control = { ...vcpu, caller: Natural } as const;
const server = { ...vcpu, server: Natural } as const;
const byServer = { ...control, server: Natural } as const;
const page = { ...vcpu, gfn: Natural } as const;
const frame = { ...vcpu, frame: Natural } as const;
const hostAddress = { ...vcpu, at: Natural, slot: Natural } as const;
const ports = { ports: nullable(Natural) } as const;
const entries = { entries: nullable(Natural) } as const;

/** Memory operations over several extents that a guest makes alone or in a list. */
const ExtentsCommand = t.keyof({ decrease_reservation: null, exchange: null });
const MulticallOp = t.union([
  t.readonly(t.type({ op: t.literal('send'), port: Natural })),
  t.readonly(t.type({ op: ExtentsCommand, at: Natural, gfns: Naturals })),
]);

const FIELDS: FieldsOfEvents = {
  'hypercall.finish': vcpu,
  'hypercall.reenter': vcpu,
  multicall: {
    ...vcpu,
    at: Natural,
    calls: short(t.readonlyArray(MulticallOp), `at most ${MAX_ENTRIES} calls`),
    done: nullable(Natural),
    inside: Natural,
  },
  'tasklet.run': { id: Natural },
  'rcu.run': none,
  'domctl.createdomain': {
    ...control,
    domainType: DomainType,
    maxVcpus: Natural,
    grantVersion: Natural,
    maxGrantFrames: Natural,
  },
  'domctl.max_vcpus': { ...control, count: Natural },
  'domctl.max_mem': { ...control, pages: Natural },
  'domctl.setvcpucontext': { ...control, target: Natural, cr3: Natural },
  'domctl.destroydomain': control,
  'domain.kill': domain,
  'domctl.shadow_op': {
    ...control,
    op: t.keyof({
      ...{ enable_logdirty: null, peek: null, clean: null, off: null },
      ...{ get_allocation: null, set_allocation: null },
    }),
    preempt: t.boolean,
  },
  'paging.continue': domain,
  'domctl.contended': {
    ...control,
    command: t.keyof({
      destroydomain: null,
      pausedomain: null,
      unpausedomain: null,
      resumedomain: null,
      getdomaininfo: null,
    }),
  },
  'domctl.pausedomain': control,
  'domctl.unpausedomain': control,
  'domctl.resumedomain': control,
  'domctl.soft_reset': { ...control, ...ports },
  'domctl.soft_reset-continue': { ...vcpu, ...ports },
  'domctl.set_virq_handler': { ...control, virq: Natural },
  'domctl.set_target': { ...control, target: Natural },
  'sysctl.cpu_hotplug': { caller: Natural, vcpu: Natural, cpu: Natural, fails: t.boolean },
  'evtchn.alloc_unbound': { ...toVcpu, remote: Natural },
  'evtchn.bind_interdomain': { ...vcpu, remote: Natural, remotePort: Natural },
  'evtchn.bind_virq': { ...toVcpu, virq: Natural },
  'evtchn.bind_pirq': { ...vcpu, pirq: Natural },
  'evtchn.bind_ipi': toVcpu,
  'evtchn.bind_vcpu': { ...ofPort, target: Natural },
  'evtchn.close': ofPort,
  'evtchn.init_control': { ...toVcpu, gfn: Natural, offset: Natural },
  'evtchn.expand_array': page,
  'evtchn.reset': { ...toVcpu, ...ports },
  'evtchn.reset-continue': { ...vcpu, ...ports },
  'evtchn.send': ofPort,
  'evtchn.unmask': ofPort,
  'evtchn.set_priority': { ...ofPort, priority: Natural },
  'guest.mask': ofPort,
  'guest.upcall': vcpu,
  'grant.copy': { ...page, granter: Natural, ref: Natural, into: t.boolean },
  'grant.map': { ...hostAddress, granter: Natural, ref: Natural, flags: Natural },
  'grant.unmap': { ...hostAddress, handle: Natural, parts: Natural },
  'grant.offer': {
    ...page,
    ref: Natural,
    to: Natural,
    readonly: t.boolean,
    offer: t.union([
      t.literal('page'),
      t.literal('transfer'),
      t.type({ offset: Natural, length: Natural }),
      t.type({ domid: Natural, ref: Natural }),
    ]),
  },
  'grant.revoke': { ...vcpu, ref: Natural },
  'guest.invalidate-grant': { ...vcpu, ref: Natural },
  'grant.setup_table': { ...vcpu, frames: Natural },
  'grant.set_version': { ...vcpu, version: Natural },
  'grant.transfer': { ...page, to: Natural, ref: Natural },
  'ioreq.send': { ...server, addr: Natural, write: t.boolean },
  'emulator.take': server,
  'emulator.respond': server,
  'vcpu.complete-io': vcpu,
  'ioreq.create': { ...control, buffered: t.boolean },
  'ioreq.set_state': { ...byServer, enabled: t.boolean },
  'ioreq.map_range': {
    ...byServer,
    kind: t.union([t.literal(0), t.literal(1), t.literal(2)]),
    first: Natural,
    last: Natural,
  },
  'ioreq.destroy': byServer,
  'guest.write': { ...page, value: Natural },
  'guest.write-table': { ...page, entries: Naturals },
  'memory.add_to_physmap': {
    ...page,
    space: t.keyof({
      shared_info: null,
      grant_table: null,
      grant_status: null,
      gmfn_foreign: null,
    }),
    index: Natural,
    foreign: Natural,
  },
  'memory.remove_from_physmap': page,
  'memory.increase_reservation': vcpu,
  'memory.populate_physmap': { ...page, target: Natural },
  'memory.decrease_reservation': page,
  'memory.extents': {
    ...vcpu,
    command: ExtentsCommand,
    at: Natural,
    gfns: Naturals,
    done: nullable(Natural),
  },
  'memory.exchange': page,
  'mmuext.new_baseptr': frame,
  'mmuext.new_user_baseptr': frame,
  'mm.put-old-table': vcpu,
  'mmuext.pin': {
    ...frame,
    ...entries,
    level: t.union([t.literal(1), t.literal(2), t.literal(3), t.literal(4)]),
  },
  'mmuext.unpin': { ...frame, ...entries },
  'mmuext.pin-continue': vcpu,
  'mmu.update': { ...vcpu, table: Natural, slot: Natural, entry: Natural },
  'mmu.set_gdt': { ...vcpu, frames: Naturals },
  'vcpu.initialise': { ...toVcpu, cr3: Natural },
  'vcpu.up': toVcpu,
  'vcpu.down': toVcpu,
  'vcpu.register_vcpu_info': { ...toVcpu, gfn: Natural, offset: Natural },
  'vcpu.register_runstate': { ...toVcpu, addr: Natural },
  'sched.yield': vcpu,
  'sched.block': vcpu,
  'sched.poll': { ...vcpu, ports: Naturals },
  'sched.shutdown': { ...vcpu, reason: Natural },
  'sched.shutdown_code': { ...vcpu, reason: Natural },
  'sched.remote_shutdown': { ...toVcpu, reason: Natural },
  'vcpu.set_singleshot_timer': { ...vcpu, timeout: Natural, future: t.boolean },
  'vcpu.stop_singleshot_timer': vcpu,
  'vcpu.set_periodic_timer': { ...vcpu, period: Natural },
  'vcpu.stop_periodic_timer': vcpu,
  'timer.fires': vcpu,
  'time.passes': { ns: Natural },
  'kexec.load': {
    build: XenBuild,
    commandLine: Text,
    lowestSegment: t.union([Natural, t.undefined]),
  },
  'kexec.load_default': { build: nullable(XenBuild), commandLine: Text },
  'kexec.unload': none,
  'kexec.exec': none,
  'lu.request': none,
  'lu.park': domain,
  'lu.cancel': none,
  'lu.timeout': none,
  'lu.fail': { what: Text },
  'lu.save.system': none,
  'lu.save.domain': domain,
  'lu.save.seal': none,
  'lu.rollback': none,
  'lu.jump': none,
  'xen2.boot': none,
  'xen2.map-stream': none,
  'xen2.reserve': none,
  'restore.0a': domain,
  'restore.0b': domain,
  'restore.0c': domain,
  'restore.1': domain,
  'restore.2': domain,
  'restore.system': none,
  'restore.verify': none,
  'lu.resume': domain,
  'xen2.panic': { what: Text },
  'lu.settle': none,
};

/** Fields by their names, of an event whose name is only known at run time. */
const fieldsOf = (type: unknown): Readonly<Record<string, t.Type<unknown>>> | null =>
  typeof type === 'string' && Object.hasOwn(FIELDS, type)
    ? (FIELDS[type as WorldEvent['type']] as Readonly<Record<string, t.Type<unknown>>>)
    : null;

const valueText = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'nothing';

/** One event, or what is wrong with it: no such event, a field too many, missing or out of range. */
export const decodeEvent = (input: unknown): Either<string, WorldEvent> => {
  if (typeof input !== 'object' || input === null) return left('an event is an object');
  const given = input as Readonly<Record<string, unknown>>;
  const fields = fieldsOf(given['type']);
  if (fields === null) return left(`there is no event ${valueText(given['type'])}`);
  const extra = Object.keys(given).find((k) => k !== 'type' && !Object.hasOwn(fields, k));
  if (extra !== undefined) return left(`${given['type']} has no field "${extra.slice(0, 40)}"`);
  const event: Record<string, unknown> = { type: given['type'] };
  for (const [name, codec] of Object.entries(fields)) {
    const value = codec.decode(given[name]);
    if (isLeft(value))
      return left(`${given['type']}: "${name}" is ${valueText(given[name])}, not ${codec.name}`);
    if (value.right !== undefined) event[name] = value.right;
  }
  return right(event as WorldEvent);
};
