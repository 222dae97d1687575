/**
 * Everything that a host stores twice must agree: counts and references
 * (I8.2), page totals, domain references (F2.14), port counts and peers
 * (I6.1 to I6.3), pins and maptrack (I7.1, I7.3), pauses (I2.1).
 */
import { numericEntries } from '../../src/host/codec.ts';
import { GNTMAP, GRANT_V1_PER_PAGE, GTF } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { FLAG, flagsOf, frameCount } from '../../src/host/frame-table.ts';
import { type PinCounts, pinTotal } from '../../src/host/grant-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { isPageTable } from '../../src/host/page-type.ts';
import {
  type CountRules,
  countOwned,
  deriveCounts,
  deriveDomainRefs,
} from '../../src/host/references.ts';

const pageFaults = (host: Host, rules: CountRules): string[] => {
  const { frames } = host.xen;
  const derived = deriveCounts(host, rules);
  const faults = derived.conflicts.map((f) => `frame ${f}: two types`);
  for (let f = 0; f < frameCount(frames); f++) {
    const flags = flagsOf(frames, f);
    const unowned = (flags & (FLAG.reserved | FLAG.free)) !== 0;
    const general = unowned ? 0 : (derived.general[f] as number);
    const typeCount = unowned ? 0 : (derived.typeCount[f] as number);
    const stored = [frames.generalCount[f], frames.typeCount[f]];
    if (stored[0] !== general || stored[1] !== typeCount)
      faults.push(`frame ${f} of d${frames.owner[f]}: ${stored}, derived ${general},${typeCount}`);
    if (!unowned && general === 0) faults.push(`frame ${f}: without references, not free`);
    const type = flags & FLAG.typeMask;
    if (typeCount > 0 && type !== derived.type[f])
      faults.push(`frame ${f}: type ${type}, references want ${derived.type[f]}`);
    if (typeCount === 0 && isPageTable(type) && (flags & FLAG.validated) !== 0)
      faults.push(`frame ${f}: a valid page table that nobody uses`);
    if ((flags & FLAG.free) !== 0 && host.hardware.m2p.entries[f] !== 0xffff_ffff)
      faults.push(`frame ${f}: free, but in the M2P`);
  }
  return faults;
};

/** Page tables and descriptor tables come with the context of a vCPU. */
const contextFaults = (d: Domain): string[] =>
  d.vcpus.flatMap((v) =>
    v.initialised ||
    (v.guestTable === null && v.guestTableUser === null && v.gdtFrames.length === 0)
      ? []
      : [`d${d.domid}v${v.id}: tables without a context`],
  );

const channelFaults = (host: Host, d: Domain): string[] => {
  const faults: string[] = [];
  const channels = numericEntries(d.events.channels);
  if (channels.length !== d.events.activeChannels) faults.push(`d${d.domid}: active ports`);
  if (channels.filter(([, c]) => c.xenConsumer !== null).length !== d.events.xenChannels)
    faults.push(`d${d.domid}: Xen's ports`);
  for (const [p, { binding, notifyVcpu }] of channels) {
    const at = `d${d.domid} port ${p}`;
    // A domain may get ports before it gets vCPUs.
    if (d.vcpus[notifyVcpu] === undefined && d.vcpus.length > 0)
      faults.push(`${at}: notifies no vCPU`);
    if (p < 1 || p >= d.events.validPorts) faults.push(`${at}: no bucket`);
    if (binding.state === 'interdomain') {
      const back = host.xen.domains[binding.remoteDomid]?.events.channels[binding.remotePort];
      const b = back?.binding;
      if (b?.state !== 'interdomain' || b.remoteDomid !== d.domid || b.remotePort !== p)
        faults.push(`${at}: its peer is not bound to it`);
    }
    if (binding.state === 'virq' && !d.vcpus.some((v) => v.virqToPort[binding.virq] === p))
      faults.push(`${at}: no vCPU has this VIRQ`);
  }
  for (const v of d.vcpus)
    for (const [virq, p] of numericEntries(v.virqToPort)) {
      const b = d.events.channels[p]?.binding;
      if (b?.state !== 'virq' || b.virq !== virq) faults.push(`d${d.domid}v${v.id} VIRQ ${virq}`);
    }
  return faults;
};

const grantFaults = (host: Host): string[] => {
  const sums = new Map<string, PinCounts>();
  for (const [m, d] of numericEntries(host.xen.domains))
    for (const [handle, map] of numericEntries(d.grants.maptrack)) {
      const key = `${map.granter}:${map.ref}`;
      const s = { ...(sums.get(key) ?? { hstw: 0, hstr: 0, devw: 0, devr: 0 }) };
      const ro = (map.flags & GNTMAP.readonly) !== 0;
      if ((map.flags & GNTMAP.host_map) !== 0) s[ro ? 'hstr' : 'hstw']++;
      if ((map.flags & GNTMAP.device_map) !== 0) s[ro ? 'devr' : 'devw']++;
      sums.set(key, s);
      const grantee = host.xen.domains[map.granter]?.grants.active[map.ref]?.domid;
      if (grantee !== m) sums.set(`${key} handle ${handle} of d${m}`, s);
      if (d.grants.maptrackFree.flat().includes(handle))
        sums.set(`handle ${handle} of d${m} is free as well`, s);
    }
  const faults: string[] = [];
  for (const [g, d] of numericEntries(host.xen.domains))
    for (const [ref, active] of numericEntries(d.grants.active)) {
      const s = sums.get(`${g}:${ref}`);
      sums.delete(`${g}:${ref}`);
      if (JSON.stringify(s) !== JSON.stringify({ ...active.pins }))
        faults.push(`d${g} grant ${ref}: pins ${JSON.stringify(active.pins)}`);
      if (d.grants.version !== 1 || d.grants.frames.length === 0) continue;
      const frame = d.grants.frames[Math.floor(ref / GRANT_V1_PER_PAGE)] ?? -1;
      const flags =
        contentOf(host.hardware, frame, 'grant-v1')?.entries[ref % GRANT_V1_PER_PAGE]?.flags ?? 0;
      const writes = active.pins.hstw + active.pins.devw > 0;
      if (((flags & GTF.reading) !== 0) !== pinTotal(active.pins) > 0)
        faults.push(`d${g} grant ${ref}: reading bit`);
      if (((flags & GTF.writing) !== 0) !== writes) faults.push(`d${g} grant ${ref}: writing bit`);
    }
  for (const key of sums.keys()) faults.push(`mapped but not active: ${key}`);
  return faults;
};

const domainFaults = (host: Host, d: Domain): string[] => {
  const faults = [...channelFaults(host, d), ...contextFaults(d)];
  const owned = countOwned(host, d.domid);
  if (owned.tot !== d.totPages || owned.xenheap !== d.xenheapPages)
    faults.push(
      `d${d.domid}: pages ${d.totPages},${d.xenheapPages}, owned ${JSON.stringify(owned)}`,
    );
  const refs = deriveDomainRefs(host, d);
  if (refs !== d.refcnt) faults.push(`d${d.domid}: refcnt ${d.refcnt}, derived ${refs}`);
  if (d.refcnt === 0) faults.push(`d${d.domid}: without references, but in the list`);
  if (d.pauseCount !== d.controllerPauseCount + d.pausers.length)
    faults.push(`d${d.domid}: pause_count ${d.pauseCount}`);
  return faults;
};

/** What does not agree; empty for a consistent host. */
export const inconsistencies = (host: Host, rules: CountRules): string[] => [
  ...pageFaults(host, rules),
  ...grantFaults(host),
  ...numericEntries(host.xen.domains).flatMap(([, d]) => domainFaults(host, d)),
];
