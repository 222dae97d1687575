/** System-wide records (R16). */
import { type Design, keeps } from '../../design/design.ts';
import type { XenVersion } from '../../design/versions.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Host } from '../../host/host.ts';
import { normalise } from '../../host/ranges.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

/** The IOMMU's tables stay in use across the update, so xen#2 must know them (R33). */
const iommu = ({ hardware, xen }: Host): LuRecord[] =>
  hardware.iommuRoot === null
    ? []
    : [
        record('IOMMU', {
          root: hardware.iommuRoot,
          tables: Uint32Array.from(xen.system.iommuFrames),
        }),
      ];

/** Memory that ends with xen#1 and that xen#2 may have at once (R25). */
const reusable = (host: Host) =>
  normalise(host.xen.private.filter((p) => p.use === 'frametable').map((p) => p.frames));

/** What R16 asks for besides the M2P; a design without R16 forgets it. */
const systemWide = ({ hardware, xen }: Host): LuRecord[] => {
  const { virqHandlers, domXenShares, traceBuffers, kexec } = xen.system;
  const handlers = numericEntries(virqHandlers).map(([virq, domid]) => ({ virq, domid }));
  const records: LuRecord[] = [
    record('SYSTEM_TIME', { now: xen.now, platformTime: hardware.platformTime }),
  ];
  if (handlers.length > 0) records.push(record('VIRQ_HANDLERS', { handlers }));
  if (domXenShares.length > 0) records.push(record('DOMXEN_SHARES', { shares: domXenShares }));
  if (traceBuffers.length > 0)
    records.push(record('TRACE_BUFFERS', { frames: Uint32Array.from(traceBuffers) }));
  if (kexec.crash !== null) {
    const { commandLine, build } = kexec.crash;
    records.push(record('KEXEC_CRASH', { commandLine, build }));
  }
  return records;
};

/** All system-wide records of a host that runs Xen `from`, in their fixed order. */
export const saveSystemRecords = (
  host: Host,
  from: XenVersion,
  design: Design,
): readonly LuRecord[] => [
  record('LU_VERSION', { xenMajor: from.major, xenMinor: from.minor }),
  record('REGIONS', { reusable: keeps(design, 'R25') ? reusable(host) : [] }),
  record('M2P', { frames: host.hardware.m2p.frames }),
  ...iommu(host),
  ...(keeps(design, 'R16') ? systemWide(host) : []),
];
