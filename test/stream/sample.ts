/** A small stream of two domains, with every record that a stream may hold but PAGE_COUNTS. */
import { domid, grantRef, maptrackHandle, mfn, port, vcpuId } from '../../src/host/ids.ts';
import { type BodyOf, type LuRecord, record } from '../../src/stream/records/registry.ts';

const NO_FRAMES = new Uint32Array(0);

export const globals = (): LuRecord[] => [
  record('LU_VERSION', { xenMajor: 4, xenMinor: 17 }),
  record('REGIONS', { reusable: [{ start: 0x100, count: 16 }] }),
  record('M2P', { frames: { start: 0x80, count: 2 } }),
  record('IOMMU', { root: mfn(0x90), tables: Uint32Array.of(0x90, 0x91) }),
  record('SYSTEM_TIME', { now: 5_000_000_000, platformTime: 6_000_000_000 }),
  record('VIRQ_HANDLERS', { handlers: [{ virq: 3, domid: domid(1) }] }),
  record('DOMXEN_SHARES', { shares: [{ frames: { start: 0x98, count: 1 }, what: 'vmcoreinfo' }] }),
  record('TRACE_BUFFERS', { frames: Uint32Array.of(0x9a) }),
  record('KEXEC_CRASH', { commandLine: 'irqpoll', build: null }),
];

const vcpu = (id: number, change: Partial<BodyOf<'VCPU'>> = {}): LuRecord =>
  record('VCPU', {
    vcpu: vcpuId(id),
    initialised: true,
    paused: { blocked: false, down: false, in_reset: false, parked: false },
    controllerPauseCount: 0,
    pausedForShutdown: false,
    registers: { rip: 4096, rax: 0, rdi: 0, rsi: 0, rdx: 0, r10: 0, r8: 0, atHypercall: false },
    guestTable: null,
    guestTableUser: null,
    gdtFrames: [],
    pollPorts: [],
    vcpuInfo: null,
    runstateArea: null,
    injectVector: null,
    ...change,
  });

const state = (shutdownCode: number | null): LuRecord =>
  record('DOMAIN_STATE', {
    dying: 'alive',
    shutdown: shutdownCode === null ? 'none' : 'complete',
    shutdownCode,
    controllerPauseCount: 0,
    vmEventPauses: 0,
    creationFinished: true,
  });

/** dom0: PV, FIFO events, maps a grant of d1. */
export const dom0 = (): LuRecord[] => [
  record('DOMAIN', {
    domid: domid(0),
    type: 'pv',
    name: 'Domain-0',
    config: {
      maxVcpus: 2,
      width: 64,
      maxGrantVersion: 2,
      iommu: true,
      hap: false,
      vmAssist: 0x20,
      handle: '0',
    },
    isHardware: true,
    isPrivileged: true,
    target: null,
    maxPages: 1024,
    weight: 256,
  }),
  record('PAGES', {
    runs: {
      start: Uint32Array.of(0x200, 0x300),
      count: Uint32Array.of(4, 1),
      kind: Uint8Array.of(0, 12),
    },
  }),
  record('XENHEAP', {
    pages: [{ frame: mfn(0x210), role: 'shared_info', index: 0, writable: true, released: false }],
  }),
  record('PERMISSIONS', { irqs: [{ first: 1, last: 15 }], iomem: [], ioports: [] }),
  record('X86_TSC_INFO', { mode: 0, khz: 2_400_000, nsec: 5_000_000_000, incarnation: 0 }),
  record('EVTCHN_ABI', { abi: 'fifo', maxPort: 131071, validPorts: 1024 }),
  record('EVTCHN_FIFO', {
    controls: [{ vcpu: vcpuId(0), control: { frame: mfn(0x202), offset: 64 } }],
    array: Uint32Array.of(0x203),
  }),
  record('EVTCHN_PORTS', {
    ports: [
      {
        port: port(1),
        binding: { state: 'interdomain', remoteDomid: domid(1), remotePort: port(4) },
        xenConsumer: null,
        notifyVcpu: vcpuId(0),
      },
      {
        port: port(2),
        binding: { state: 'virq', virq: 0 },
        xenConsumer: null,
        notifyVcpu: vcpuId(1),
      },
    ],
    suspendPort: null,
  }),
  record('EVTCHN_PRIORITIES', { priorities: [{ port: port(2), priority: 0 }] }),
  record('EVTCHN_QUEUES', {
    tails: [{ vcpu: vcpuId(0), tails: [port(2), port(0)] }],
    last: { port: Uint32Array.of(1), vcpu: Uint16Array.of(0), priority: Uint8Array.of(7) },
    pendingBeyondArray: [],
  }),
  record('EVTCHN_RESET', { nextEvtchn: port(64) }),
  record('PIRQS', { pirqs: [{ pirq: 16, irq: 9 }] }),
  record('GRANT_TABLE', { version: 1, maxFrames: 64, maxMaptrackFrames: 1024, active: [] }),
  record('MAPTRACK', {
    limit: 2,
    entries: [
      { handle: maptrackHandle(1), granter: domid(1), ref: grantRef(8), flags: 2, vcpu: vcpuId(0) },
    ],
    free: [Uint32Array.of(0), NO_FRAMES],
  }),
  vcpu(0, { guestTable: mfn(0x300), pollPorts: [port(2)] }),
  vcpu(1, { paused: { blocked: true, down: false, in_reset: false, parked: false } }),
  record('VCPU_TIMERS', {
    vcpu: vcpuId(1),
    singleshot: { timeout: 7_000_000_000 },
    periodic: null,
  }),
  record('VCPU_RUNSTATE', {
    vcpu: vcpuId(0),
    state: 1,
    entryTime: 4_000_000_000,
    time: [1, 2, 3, 4],
  }),
  record('VCPU_RUNSTATE', {
    vcpu: vcpuId(1),
    state: 2,
    entryTime: 4_500_000_000,
    time: [0, 0, 9, 0],
  }),
  state(null),
  record('END_OF_DOMAIN', {}),
];

/** d1: HVM, emulated by dom0, shut down. */
export const d1 = (): LuRecord[] => [
  record('DOMAIN', {
    domid: domid(1),
    type: 'hvm',
    name: null,
    config: {
      maxVcpus: 1,
      width: 64,
      maxGrantVersion: 2,
      iommu: false,
      hap: true,
      vmAssist: 0,
      handle: '',
    },
    isHardware: false,
    isPrivileged: false,
    target: null,
    maxPages: 512,
    weight: 256,
  }),
  record('P2M', {
    root: mfn(0x500),
    tables: Uint32Array.of(0x500, 0x501),
    sharedWithIommu: false,
    logDirty: true,
  }),
  record('PAGES', {
    runs: {
      start: Uint32Array.of(0x400, 0x500),
      count: Uint32Array.of(32, 2),
      kind: Uint8Array.of(0, 0x10),
    },
  }),
  record('XENHEAP', {
    pages: [{ frame: mfn(0x510), role: 'grant', index: 0, writable: true, released: false }],
  }),
  record('PERMISSIONS', { irqs: [], iomem: [], ioports: [] }),
  record('X86_TSC_INFO', { mode: 0, khz: 2_400_000, nsec: 1, incarnation: 3 }),
  record('EVTCHN_ABI', { abi: '2l', maxPort: 4095, validPorts: 128 }),
  record('EVTCHN_PORTS', {
    ports: [
      {
        port: port(4),
        binding: { state: 'interdomain', remoteDomid: domid(0), remotePort: port(1) },
        xenConsumer: 'ioreq',
        notifyVcpu: vcpuId(0),
      },
    ],
    suspendPort: port(4),
  }),
  record('EVTCHN_PRIORITIES', { priorities: [] }),
  record('HVM_PARAMS', { params: [{ index: 1, value: 0xfeff8 }] }),
  record('GRANT_TABLE', {
    version: 1,
    maxFrames: 32,
    maxMaptrackFrames: 0,
    active: [
      {
        ref: grantRef(8),
        domid: domid(0),
        frame: mfn(0x404),
        start: 0,
        length: 4096,
        transitive: null,
      },
    ],
  }),
  record('MAPTRACK', { limit: 0, entries: [], free: [] }),
  record('IOREQ_SERVERS', {
    servers: [
      {
        id: 0,
        emulator: domid(0),
        ioreqPage: mfn(0x41f),
        bufioreqPage: null,
        bufioreqPort: null,
        vcpus: [{ vcpu: vcpuId(0), port: port(4) }],
        enabled: true,
        ranges: [{ type: 0, first: 0xcf8, last: 0xcff }],
      },
    ],
    p2mServer: 0,
  }),
  record('PAGING_PREEMPT', { caller: domid(0), op: 'clean', done: 512 }),
  record('TEARDOWN', { relinquish: 2 }),
  record('PARTIAL_TABLES', {
    tables: [{ frame: mfn(0x430), level: 2, validated: 17, partialSet: false }],
    old: [{ vcpu: vcpuId(0), frame: mfn(0x430), partial: true }],
  }),
  vcpu(0, { pausedForShutdown: true, injectVector: 0x20 }),
  record('VCPU_RUNSTATE', { vcpu: vcpuId(0), state: 3, entryTime: 1, time: [0, 0, 0, 1] }),
  state(0),
  record('END_OF_DOMAIN', {}),
];

export const sample = (): LuRecord[] => [...globals(), ...dom0(), ...d1()];

/** As small as a stream with a domain can be, for frozen bytes. */
export const smallest = (): LuRecord[] => [
  ...globals().slice(0, 3),
  ...d1().filter(({ name }) =>
    [
      'DOMAIN',
      'PAGES',
      'XENHEAP',
      'PERMISSIONS',
      'X86_TSC_INFO',
      'EVTCHN_ABI',
      'EVTCHN_PORTS',
      'EVTCHN_PRIORITIES',
      'GRANT_TABLE',
      'MAPTRACK',
      'DOMAIN_STATE',
      'END_OF_DOMAIN',
    ].includes(name),
  ),
];
