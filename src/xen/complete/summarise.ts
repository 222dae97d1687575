/** The numbers of a host that a reader can check against a dump. */
import { numericEntries } from '../../host/codec.ts';
import type { Host } from '../../host/host.ts';

export interface HostSummary {
  readonly domains: number;
  readonly vcpus: number;
  /** Sum of the domains' nr_pages. */
  readonly pages: number;
  readonly grantsActive: number;
  /** Maptrack entries in use. */
  readonly grantMappings: number;
  readonly eventChannels: number;
  /** Inter-domain channels with both ends; one of a domain with itself counts once. */
  readonly interdomainPairs: number;
}

const size = (record: object): number => Object.keys(record).length;

/** Ends of inter-domain channels whose other end is there: two of each pair. */
const pairedEnds = (host: Host): number => {
  const { domains } = host.xen;
  let ends = 0;
  for (const [id, d] of numericEntries(domains))
    for (const [port, { binding }] of numericEntries(d.events.channels)) {
      if (binding.state !== 'interdomain') continue;
      const peer = domains[binding.remoteDomid]?.events.channels[binding.remotePort]?.binding;
      if (peer?.state === 'interdomain' && peer.remoteDomid === id && peer.remotePort === port)
        ends++;
    }
  return ends;
};

export const summarise = (host: Host): HostSummary => {
  const domains = Object.values(host.xen.domains);
  const sum = (of: (d: (typeof domains)[number]) => number): number =>
    domains.reduce((n, d) => n + of(d), 0);
  return {
    domains: domains.length,
    vcpus: sum((d) => d.vcpus.length),
    pages: sum((d) => d.totPages),
    grantsActive: sum((d) => size(d.grants.active)),
    grantMappings: sum((d) => size(d.grants.maptrack)),
    eventChannels: sum((d) => size(d.events.channels)),
    interdomainPairs: pairedEnds(host) / 2,
  };
};
