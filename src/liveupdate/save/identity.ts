/** What a domain is and what it may do: DOMAIN, PERMISSIONS, PIRQS, X86_TSC_INFO, HVM_PARAMS. */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import type { Domain, Rangeset } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

export const domainRecord = (d: Domain): LuRecord =>
  record('DOMAIN', {
    domid: d.domid,
    type: d.type,
    name: d.name,
    config: d.config,
    isHardware: d.isHardware,
    isPrivileged: d.isPrivileged,
    target: d.target,
    maxPages: d.maxPages,
    weight: d.weight,
  });

/** What the tool stack gave; without the rule nothing was. */
const pairs = (set: Rangeset, design: Design) =>
  keeps(design, 'F10.7.permissions') ? set.map(([first, last]) => ({ first, last })) : [];

export const permissionsRecord = (d: Domain, design: Design): LuRecord =>
  record('PERMISSIONS', {
    irqs: pairs(d.irqs, design),
    iomem: pairs(d.iomem, design),
    ioports: pairs(d.ioports, design),
  });

export const pirqsRecord = (d: Domain, design: Design): LuRecord[] => {
  const pirqs = numericEntries(d.pirqs).map(([pirq, irq]) => ({ pirq, irq }));
  return pirqs.length === 0 || !keeps(design, 'F10.7.pirqs') ? [] : [record('PIRQS', { pirqs })];
};

/** The TSC as it has run until the system time that SYSTEM_TIME gives (F10.6). */
export const tscRecord = (host: Host, d: Domain): LuRecord =>
  record('X86_TSC_INFO', {
    mode: d.tsc.mode,
    khz: d.tsc.khz,
    nsec: host.xen.now - d.tsc.offset,
    incarnation: d.tsc.incarnation,
  });

export const hvmParamsRecord = (d: Domain, design: Design): LuRecord[] => {
  const params = numericEntries(d.hvmParams).map(([index, value]) => ({ index, value }));
  return params.length === 0 || !keeps(design, 'F10.5.params')
    ? []
    : [record('HVM_PARAMS', { params })];
};
