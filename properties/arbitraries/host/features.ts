/** What there is in a host, by name: how random hosts are distributed is told in these words. */
import { numericEntries } from '../../../src/host/codec.ts';
import { GNTMAP, SHUTDOWN_CODE_INVALID, VPF } from '../../../src/host/constants.ts';
import type { Domain } from '../../../src/host/domain.ts';
import { FLAG } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';

const ofGrants = (host: Host, d: Domain): string[] =>
  numericEntries(d.grants.maptrack).flatMap(([, { flags, granter }]) => {
    const from = host.xen.domains[granter]?.type ?? 'gone';
    const way = [
      ...((flags & GNTMAP.host_map) !== 0 ? ['host'] : []),
      ...((flags & GNTMAP.device_map) !== 0 ? ['device'] : []),
      ...((flags & GNTMAP.readonly) !== 0 ? ['read-only'] : []),
    ].join(' and ');
    return [`grant of a ${from} domain, mapped ${way}`];
  });

const ofEvents = ({ events }: Domain): string[] => [
  `event ABI ${events.abi}`,
  ...Object.values(events.channels).flatMap((c) => [
    `port: ${c.binding.state}`,
    ...(c.xenConsumer === null ? [] : [`port of Xen's: ${c.xenConsumer}`]),
    ...(c.pendingBeyondArray ? ['pending beyond the event array'] : []),
  ]),
  ...(events.nextEvtchn === 0 ? [] : ['event-channel reset half done']),
];

const ofVcpus = ({ vcpus }: Domain): string[] =>
  vcpus.flatMap((v) => [
    ...(v.registers.atHypercall ? [`vCPU in hypercall ${v.registers.rax}`] : []),
    ...((v.pauseFlags & VPF.blocked) !== 0 ? ['vCPU blocked'] : []),
    ...((v.pauseFlags & VPF.down) !== 0 ? ['vCPU down'] : []),
    ...(v.fifo?.tails.some((t) => t !== 0) ? ['FIFO queue with events'] : []),
    ...(v.oldGuestTable === null ? [] : ['old_guest_table']),
    ...(v.timers.singleshot === null ? [] : ['singleshot timer']),
    ...(v.timers.periodic === null ? [] : ['periodic timer']),
    ...(v.io.state === 0 ? [] : ['ioreq in flight']),
  ]);

const ofDomain = (host: Host, d: Domain): string[] => [
  `${d.isHardware ? 'dom0' : d.type}, ${d.vcpus.length} vCPUs`,
  `grant table v${d.grants.version}`,
  ...(d.dying === 'dying' ? [`dying at ${d.teardown.phase}`] : []),
  ...(d.dying === 'dead' ? ['zombie'] : []),
  ...(d.pauseCount > 1 ? ['pauses nested'] : []),
  ...(d.shutdown.state === 'none' ? [] : [`shutdown ${d.shutdown.state}`]),
  ...(d.shutdown.state === 'none' && d.shutdown.code !== SHUTDOWN_CODE_INVALID
    ? ['shutdown code stored']
    : []),
  ...(d.pagingPreempt === null ? [] : ['log-dirty operation half done']),
  ...(d.p2m?.sharedWithIommu === true ? ['P2M shared with the IOMMU'] : []),
  ...(d.p2m !== null && d.p2m.nrForeign > 0 ? ['foreign pages in a P2M'] : []),
  ...(Object.keys(d.ioreqServers).length > 0 ? ['IOREQ server'] : []),
  ...(d.target === null ? [] : ['device-model domain']),
  ...ofGrants(host, d),
  ...ofEvents(d),
  ...ofVcpus(d),
];

const PAGE_KINDS = {
  'pinned table': FLAG.pinned,
  'table validated in part': FLAG.partial,
  'broken page': FLAG.broken,
  'extra page': FLAG.extra,
} as const;

/** Every feature that the host has, each once, sorted. */
export const featuresOf = (host: Host): readonly string[] => {
  const { frames, system } = host.xen;
  let flags = 0;
  for (let f = 0; f < frames.flags.length; f++) flags |= frames.flags[f] ?? 0;
  const found = [
    ...Object.values(host.xen.domains).flatMap((d) => ofDomain(host, d)),
    ...Object.entries(PAGE_KINDS).flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name])),
    ...(Object.keys(frames.linear).length > 0 ? ['linear page tables'] : []),
    ...system.tasklets.map((k) => `tasklet ${k.work}`),
    ...(system.rcu.length > 0 ? ['RCU callback'] : []),
    ...(host.hardware.iommuRoot === null ? [] : ['IOMMU in use']),
    ...(system.kexec.crash === null ? [] : ['crash kernel']),
  ];
  return [...new Set(found)].sort();
};
