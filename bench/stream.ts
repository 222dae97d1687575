/**
 * How fast a Live Update stream is written and read, against a copy of the
 * same bytes. CPU time, median of five; ratios hold where figures do not.
 * Compile (`npx tsc --noEmit false --outDir DIR`), then run the compiled file.
 *
 * runs: one domain of 3,000,000 runs of pages: the memory of a fragmented host
 * objects: 64 domains of 4,000 ports, 2,000 active grants, 4,000 maptrack
 *   entries and 64 vCPUs each: what is decoded field by field
 * save: records and bytes of a host of 4 M frames and 32 domains
 */
import * as E from 'fp-ts/lib/Either.js';
import { defaultDesign } from '../src/design/design.ts';
import { versionOf } from '../src/design/versions.ts';
import { buildHost } from '../src/host/build/build-host.ts';
import { addDomain } from '../src/host/build/domain.ts';
import { finish } from '../src/host/build/finish.ts';
import { FLAG } from '../src/host/frame-table.ts';
import type { Host } from '../src/host/host.ts';
import { domid, grantRef, maptrackHandle, mfn, port, vcpuId } from '../src/host/ids.ts';
import { saveStream } from '../src/liveupdate/save/index.ts';
import { readStream } from '../src/stream/reader.ts';
import { type LuRecord, record } from '../src/stream/records/registry.ts';
import { encodeStream } from '../src/stream/writer.ts';

const right = <L, A>(e: E.Either<L, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left));
  return e.right;
};

/** Median CPU time of five runs, in milliseconds. */
const median = (run: () => unknown): number => {
  run();
  const times = Array.from({ length: 5 }, () => {
    const from = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[2] as number;
};

const indices = (length: number): number[] => Array.from({ length }, (_, i) => i);

const globals: LuRecord[] = [
  record('LU_VERSION', { xenMajor: 4, xenMinor: 17 }),
  record('REGIONS', { reusable: [] }),
  record('M2P', { frames: { start: 1, count: 1 } }),
];

interface Size {
  readonly runs: number;
  readonly ports: number;
  readonly grants: number;
  readonly handles: number;
  readonly vcpus: number;
}

const vcpu = (i: number): LuRecord =>
  record('VCPU', {
    vcpu: vcpuId(i),
    initialised: true,
    paused: { blocked: true, down: false, in_reset: false, parked: false },
    controllerPauseCount: 0,
    pausedForShutdown: false,
    registers: { rip: i, rax: i, rdi: i, rsi: i, rdx: i, r10: i, r8: i, atHypercall: false },
    guestTable: mfn(i),
    guestTableUser: mfn(i),
    gdtFrames: [mfn(i)],
    pollPorts: [],
    vcpuInfo: { frame: mfn(i), offset: 64 },
    runstateArea: 4096,
    injectVector: null,
  });

const block = (id: number, size: Size): LuRecord[] => [
  record('DOMAIN', {
    domid: domid(id),
    type: 'pv',
    name: `guest${id}`,
    config: {
      maxVcpus: size.vcpus,
      width: 64,
      maxGrantVersion: 2,
      iommu: false,
      hap: false,
      vmAssist: 0,
      handle: '',
    },
    isHardware: false,
    isPrivileged: false,
    target: null,
    maxPages: size.runs,
    weight: 256,
  }),
  record('PAGES', {
    runs: {
      start: Uint32Array.from({ length: size.runs }, (_, i) => 16 + 3 * i),
      count: new Uint32Array(size.runs).fill(2),
      kind: Uint8Array.from({ length: size.runs }, (_, i) => i % 5),
    },
  }),
  record('XENHEAP', { pages: [] }),
  record('PERMISSIONS', { irqs: [], iomem: [], ioports: [] }),
  record('X86_TSC_INFO', { mode: 0, khz: 1, nsec: 1, incarnation: 0 }),
  record('EVTCHN_ABI', { abi: 'fifo', maxPort: 131071, validPorts: 4096 }),
  record('EVTCHN_PORTS', {
    ports: indices(size.ports).map((i) => ({
      port: port(i + 1),
      binding: { state: 'interdomain', remoteDomid: domid(0), remotePort: port(i + 1) },
      xenConsumer: null,
      notifyVcpu: vcpuId(0),
    })),
    suspendPort: null,
  }),
  record('EVTCHN_PRIORITIES', { priorities: [] }),
  record('GRANT_TABLE', {
    version: 1,
    maxFrames: 64,
    maxMaptrackFrames: 1024,
    active: indices(size.grants).map((i) => ({
      ref: grantRef(i + 8),
      domid: domid(0),
      frame: mfn(i),
      start: 0,
      length: 4096,
      transitive: null,
    })),
  }),
  record('MAPTRACK', {
    limit: size.handles,
    entries: indices(size.handles).map((i) => ({
      handle: maptrackHandle(i),
      granter: domid(0),
      ref: grantRef(i + 8),
      flags: 2,
      vcpu: vcpuId(0),
    })),
    free: [],
  }),
  ...indices(size.vcpus).map(vcpu),
  record('DOMAIN_STATE', {
    dying: 'alive',
    shutdown: 'none',
    shutdownCode: null,
    controllerPauseCount: 0,
    vmEventPauses: 0,
    creationFinished: true,
  }),
  record('END_OF_DOMAIN', {}),
];

const line = (what: string, bytes: number, ms: number, copy: number): void => {
  const rate = (bytes / 1e6 / (ms / 1000)).toFixed(0).padStart(6);
  const ratio = (ms / copy).toFixed(1).padStart(6);
  console.log(`${what.padEnd(16)}${rate} MB/s ${ratio} x copy ${ms.toFixed(1).padStart(8)} ms`);
};

const streamCase = (name: string, records: readonly LuRecord[]): void => {
  const bytes = right(encodeStream(records));
  const target = new Uint8Array(bytes.length);
  const copies = Math.ceil(2e8 / bytes.length);
  const copy =
    median(() => {
      for (let i = 0; i < copies; i++) target.set(bytes);
    }) / copies;
  console.log(`${name}: ${records.length} records, ${(bytes.length / 1e6).toFixed(1)} MB`);
  line(`${name} copy`, bytes.length, copy, copy);
  line(
    `${name} write`,
    bytes.length,
    median(() => right(encodeStream(records))),
    copy,
  );
  line(
    `${name} read`,
    bytes.length,
    median(() => right(readStream(bytes))),
    copy,
  );
};

/** 32 domains whose pages lie interleaved over 4 M frames, in runs of 64. */
const largeHost = (): Host => {
  const draft = buildHost({ ramFrames: 2 ** 22 });
  for (let i = 0; i < 32; i++) addDomain(draft, { type: 'pv', pages: 32, vcpus: 4 });
  const { frames } = draft;
  for (let f = 2 ** 17; f < frames.owner.length; f++) {
    frames.owner[f] = (f >>> 6) % 32;
    frames.flags[f] = FLAG.allocated;
  }
  return finish(draft);
};

streamCase('runs', [
  ...globals,
  ...block(0, { runs: 3_000_000, ports: 0, grants: 0, handles: 0, vcpus: 0 }),
]);
streamCase('objects', [
  ...globals,
  ...indices(64).flatMap((id) =>
    block(id, { runs: 100, ports: 4000, grants: 2000, handles: 4000, vcpus: 64 }),
  ),
]);
const host = largeHost();
const version = versionOf('4.17');
if (version === null) throw new Error('4.17 is not described');
const ms = median(() => right(saveStream(host, version, defaultDesign)));
const size = right(saveStream(host, version, defaultDesign)).length;
console.log(
  `save: ${host.xen.frames.owner.length} frames, 32 domains, ${(size / 1e6).toFixed(1)} MB, ` +
    `${ms.toFixed(0)} ms`,
);
