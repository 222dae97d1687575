/** All that a domain is but its translations: pages, grants, ports, vCPUs. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { DomainFacts } from './domain-facts.ts';
import { type DomainPages, pagesOf } from './domain-pages.ts';
import type { DomainParts } from './domains.ts';
import type { CompletionError } from './errors.ts';
import { eventChannelsOf } from './event-channels.ts';
import { grantTableOf } from './grant-tables.ts';
import { ioreqServersOf } from './ioreq-servers.ts';
import { lifecycleOf } from './lifecycle.ts';
import type { Mappings } from './maptrack.ts';
import { type DomainPorts, portsOfAll } from './ports.ts';
import { createCpus, vcpusOf, writeSharedInfo } from './vcpus.ts';
import type { Workbench } from './workbench.ts';
import { xenPagesOf } from './xen-pages.ts';

/** Known ordinary frames of each domain, ascending. */
const knownByOwner = (w: Workbench): ReadonlyMap<number, readonly number[]> => {
  const byOwner = new Map<number, number[]>();
  for (const [frame, page] of w.known.pages) {
    if (page.kind !== 'page') continue;
    const list = byOwner.get(page.owner) ?? [];
    byOwner.set(page.owner, list);
    list.push(frame);
  }
  for (const list of byOwner.values()) list.sort((a, b) => a - b);
  return byOwner;
};

interface PartInputs {
  readonly facts: DomainFacts;
  readonly pages: DomainPages;
  readonly ports: DomainPorts;
  readonly mappings: Mappings;
  readonly cpuOf: ReturnType<typeof createCpus>;
}

const partOf = (w: Workbench, inputs: PartInputs): DomainParts => {
  const { facts, pages, ports, mappings, cpuOf } = inputs;
  const xen = xenPagesOf(w, facts, pages);
  if (xen.sharedInfo !== null) writeSharedInfo(w, facts, xen.sharedInfo);
  const grants = grantTableOf(w, facts, xen, mappings);
  const events = eventChannelsOf(w, facts, ports, pages, xen.sharedInfo);
  const life = lifecycleOf(facts, Object.keys(mappings.maptrack).length, w.notes);
  const vcpus = vcpusOf(w, { facts, life, events, ports: ports.ports, cpuOf });
  const ioreqServers = ioreqServersOf(w, facts, ports.ports);
  const { sharedInfo } = xen;
  return { facts, life, pages, sharedInfo, ports, events, grants, vcpus, ioreqServers };
};

/** Parts of all domains, in the order of the dump; the error: memory is used up. */
export const partsOf = (
  w: Workbench,
  domains: readonly DomainFacts[],
  mappings: ReadonlyMap<number, Mappings>,
): Either<CompletionError, DomainParts[]> => {
  const known = knownByOwner(w);
  const ports = portsOfAll(domains, w.notes);
  const cpuOf = createCpus(w);
  const parts: DomainParts[] = [];
  for (const facts of domains) {
    const pages = pagesOf(w, facts, known.get(facts.domid) ?? []);
    if (isLeft(pages)) return left(pages.left);
    parts.push(
      partOf(w, {
        facts,
        pages: pages.right,
        ports: ports.get(facts.domid) as DomainPorts,
        mappings: mappings.get(facts.domid) as Mappings,
        cpuOf,
      }),
    );
  }
  return right(parts);
};
