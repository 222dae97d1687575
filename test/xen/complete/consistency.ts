/** What any completed host must satisfy, whatever it was made of. */
import { expect } from 'vitest';
import { versionOf } from '../../../src/design/versions.ts';
import { numericEntries } from '../../../src/host/codec.ts';
import { GNTMAP } from '../../../src/host/constants.ts';
import { FLAG } from '../../../src/host/frame-table.ts';
import { noPins, type PinCounts } from '../../../src/host/grant-table.ts';
import { maxFrames } from '../../../src/host/hardware.ts';
import { type Host, HostCodec } from '../../../src/host/host.ts';
import { contains, endOf, overlap } from '../../../src/host/ranges.ts';
import { countOwned, deriveCounts, deriveDomainRefs } from '../../../src/host/references.ts';

const NOBODYS = FLAG.reserved | FLAG.free;

/** Frames whose stored counts or type are not the derived ones. */
const miscounted = (host: Host): string[] => {
  const rules = versionOf(host.xen.build.version)?.countRules;
  if (rules === undefined) throw new Error('no such version');
  const derived = deriveCounts(host, rules);
  expect(derived.conflicts).toEqual([]);
  const { owner, flags, generalCount, typeCount } = host.xen.frames;
  const wrong: string[] = [];
  for (let f = 0; f < owner.length; f++) {
    const bits = flags[f] as number;
    const nobodys = (bits & NOBODYS) !== 0;
    const ok =
      generalCount[f] === (nobodys ? 0 : derived.general[f]) &&
      typeCount[f] === (nobodys ? 0 : derived.typeCount[f]) &&
      (typeCount[f] === 0 || (bits & FLAG.typeMask) === derived.type[f]) &&
      (nobodys === false || derived.general[f] === 0);
    if (!ok && wrong.length < 5)
      wrong.push(`${f.toString(16)}: ${generalCount[f]}/${typeCount[f]} flags ${bits}`);
  }
  return wrong;
};

/** Pins that the maptrack entries of all domains make up, by granter and reference. */
const pinsOfMaps = (host: Host): Map<string, PinCounts> => {
  const pins = new Map<string, PinCounts>();
  for (const d of Object.values(host.xen.domains))
    for (const map of Object.values(d.grants.maptrack)) {
      const key = `${map.granter}/${map.ref}`;
      const now = { ...(pins.get(key) ?? noPins) };
      const ro = (map.flags & GNTMAP.readonly) !== 0;
      if ((map.flags & GNTMAP.host_map) !== 0) now[ro ? 'hstr' : 'hstw']++;
      if ((map.flags & GNTMAP.device_map) !== 0) now[ro ? 'devr' : 'devw']++;
      pins.set(key, now);
    }
  return pins;
};

const checkGrants = (host: Host): void => {
  const { domains, frames } = host.xen;
  const pins = pinsOfMaps(host);
  for (const [id, d] of numericEntries(domains)) {
    for (const [ref, active] of numericEntries(d.grants.active)) {
      expect(pins.get(`${id}/${ref}`)).toEqual(active.pins);
      expect(frames.owner[active.frame]).toBe(id);
      pins.delete(`${id}/${ref}`);
    }
    const used = Object.keys(d.grants.maptrack).length;
    const free = d.grants.maptrackFree.flat();
    expect(new Set(free).size).toBe(free.length);
    expect(free.filter((h) => d.grants.maptrack[h] !== undefined)).toEqual([]);
    expect(used + free.length).toBe(d.grants.maptrackLimit);
  }
  expect([...pins.keys()]).toEqual([]);
};

const checkPorts = (host: Host): void => {
  const { domains } = host.xen;
  for (const [id, d] of numericEntries(domains)) {
    const { events } = d;
    const ports = numericEntries(events.channels);
    expect(events.activeChannels).toBe(ports.length);
    expect(events.xenChannels).toBe(ports.filter(([, c]) => c.xenConsumer !== null).length);
    for (const [port, { binding }] of ports) {
      expect(port).toBeLessThan(events.validPorts);
      expect(port).toBeLessThanOrEqual(events.maxPort);
      if (binding.state !== 'interdomain') continue;
      const peer = domains[binding.remoteDomid]?.events.channels[binding.remotePort]?.binding;
      expect(peer).toEqual({ state: 'interdomain', remoteDomid: id, remotePort: port });
    }
  }
};

const checkDomains = (host: Host): void => {
  for (const [id, d] of numericEntries(host.xen.domains)) {
    const owned = countOwned(host, id);
    expect([d.totPages, d.xenheapPages]).toEqual([owned.tot, owned.xenheap]);
    expect(d.refcnt).toBe(deriveDomainRefs(host, d));
    expect(d.pauseCount).toBe(d.controllerPauseCount + d.pausers.length);
  }
};

/** Xen's own places are RAM, apart from each other, and hold nothing of a domain. */
const checkLayout = (host: Host): void => {
  const { xen, hardware } = host;
  expect(xen.image.start % 512).toBe(0);
  expect(endOf(xen.bootmem)).toBe(xen.image.start);
  expect(xen.bootmem.count).toBeGreaterThanOrEqual(1024);
  expect(endOf(xen.image)).toBeLessThanOrEqual(0x10_0000);
  const own = [xen.image, xen.bootmem, ...xen.private.map((p) => p.frames), hardware.m2p.frames];
  for (const [i, a] of own.entries()) {
    expect(contains(hardware.ram, a.start) && contains(hardware.ram, endOf(a) - 1)).toBe(true);
    for (const b of own.slice(i + 1)) expect(overlap(a, b)).toBe(false);
  }
  for (const r of own.slice(0, -1))
    for (let f = r.start; f < endOf(r); f++)
      if (((xen.frames.flags[f] as number) & FLAG.reserved) === 0)
        throw new Error(`frame ${f} of Xen's own memory is not reserved`);
  expect(hardware.m2p.entries.length).toBe(maxFrames(hardware));
};

export const expectConsistent = (host: Host): void => {
  expect(HostCodec.is(host)).toBe(true);
  expect(miscounted(host)).toEqual([]);
  checkDomains(host);
  checkGrants(host);
  checkPorts(host);
  checkLayout(host);
};
