/** Walks over the objects of a host, in the order of their ids. */
import { numericEntries } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { EventChannel } from '../../src/host/event-channel.ts';
import type { Host } from '../../src/host/host.ts';
import type { Vcpu } from '../../src/host/vcpu.ts';

export const domainsOf = (host: Host): readonly Domain[] => Object.values(host.xen.domains);

export function* vcpusOf(host: Host): Generator<readonly [Domain, Vcpu]> {
  for (const d of domainsOf(host)) for (const v of d.vcpus) yield [d, v];
}

export function* portsOf(host: Host): Generator<readonly [Domain, number, EventChannel]> {
  for (const d of domainsOf(host))
    for (const [port, channel] of numericEntries(d.events.channels)) yield [d, port, channel];
}

/** Each domain of `a` with its like in `b`, or null there. */
export function* pairsOf(a: Host, b: Host): Generator<readonly [Domain, Domain | null]> {
  for (const d of domainsOf(a)) yield [d, b.xen.domains[d.domid] ?? null];
}
