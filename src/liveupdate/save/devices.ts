/** Device emulation and interrupted paging operations: IOREQ_SERVERS, PAGING_PREEMPT. */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Domain } from '../../host/domain.ts';
import { vcpuId } from '../../host/ids.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

/** Servers without what is in flight: at the boundary nothing is (I9.1). */
export const ioreqServersRecord = (d: Domain, design: Design): LuRecord[] => {
  const servers = numericEntries(d.ioreqServers).map(([id, s]) => ({
    id,
    emulator: s.emulator,
    ioreqPage: s.ioreqPage,
    bufioreqPage: s.bufioreqPage,
    bufioreqPort: s.bufioreqPort,
    vcpus: numericEntries(s.vcpus).map(([vcpu, { port }]) => ({ vcpu: vcpuId(vcpu), port })),
    enabled: s.enabled,
    ranges: s.ranges,
  }));
  const p2mServer = keeps(design, 'F8.20.ioreq') ? (d.p2m?.ioreqServer?.id ?? null) : null;
  return servers.length === 0 && p2mServer === null
    ? []
    : [record('IOREQ_SERVERS', { servers, p2mServer })];
};

/** The caller as a domid: xen#1 has a pointer (F3.11, R17). Only one answer to Q5 carries it. */
export const pagingPreemptRecord = (d: Domain, design: Design): LuRecord[] =>
  d.pagingPreempt !== null && design.policies.Q5 === 'exact'
    ? [record('PAGING_PREEMPT', d.pagingPreempt)]
    : [];
