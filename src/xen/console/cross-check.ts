/** Compares what two dumps of one moment say of the same thing. */
import type {
  DomainReading,
  EventChannelsReading,
  MemoryReading,
  NumaReading,
  Place,
  PortReading,
} from '../capture/reading.ts';
import { type Notes, noteContradiction, problemAt } from './notes.ts';

/** The totals of keys u, H and m; `placeOf` says where a dump starts. */
export const checkFreeMemory = (
  { numa, info, heapZones }: MemoryReading,
  placeOf: (key: 'u' | 'H' | 'm') => readonly Place[],
  notes: Notes,
): void => {
  const zones = info?.zones.reduce((sum, { freeKiB }) => sum + freeKiB, 0);
  if (info !== undefined && zones !== info.domHeapKiB) {
    const what = `key m: ${info.domHeapKiB} KiB are free, ${zones} KiB in its zones`;
    noteContradiction(notes, what, ...placeOf('m'));
  }
  for (const node of numa?.nodes ?? []) {
    const own = (heapZones ?? []).filter((zone) => zone.node === node.node);
    const free = own.reduce((sum, { freePages }) => sum + freePages, 0);
    if (own.length > 0 && free !== node.freePages) {
      const what = `node ${node.node} has ${node.freePages} free pages by key u, ${free} by key H`;
      noteContradiction(notes, what, ...placeOf('u'), ...placeOf('H'));
    }
  }
};

/** The counters of q against the page lists of q and the totals of u. */
export const checkPages = (
  domains: readonly DomainReading[],
  numa: NumaReading | undefined,
  notes: Notes,
): void => {
  for (const domain of domains) {
    const listed = domain.pages.filter(({ list }) => list === 'XenPage').length;
    if (listed !== domain.xenheapPages) {
      const what =
        `domain ${domain.domid} has xenheap_pages=${domain.xenheapPages}, ` +
        `but ${listed} XenPage lines`;
      noteContradiction(notes, what, domain);
    }
    if (domain.nrPages > domain.maxPages) {
      const what =
        `domain ${domain.domid} has nr_pages=${domain.nrPages} above ` +
        `max_pages=${domain.maxPages}: told to balloon down, or a digit is lost`;
      noteContradiction(notes, what, domain);
    }
    const other = numa?.domains.find(({ domid }) => domid === domain.domid);
    if (other !== undefined && other.totalPages !== domain.nrPages) {
      const what =
        `domain ${domain.domid} has nr_pages=${domain.nrPages} by key q, ` +
        `${other.totalPages} by key u`;
      noteContradiction(notes, what, domain, other);
    }
  }
  for (const { domid, totalPages, perNode, ...place } of numa?.domains ?? []) {
    const sum = perNode.reduce((pages, share) => pages + share.pages, 0);
    if (sum !== totalPages) {
      const what = `key u: domain ${domid} has ${totalPages} pages, its nodes ${sum}`;
      noteContradiction(notes, what, place);
    }
  }
};

/** Both ends of every interdomain channel, and VIRQ_DEBUG of q. */
export const checkPorts = (
  domains: readonly DomainReading[],
  channels: readonly EventChannelsReading[],
  endsWithFile: boolean,
  notes: Notes,
): void => {
  const ports = new Map<string, PortReading>();
  for (const { domid, ports: list } of channels) {
    for (const port of list) ports.set(`${domid}/${port.port}`, port);
  }
  const last = channels.at(-1);
  for (const { domid, ports: list } of channels) {
    for (const port of list) {
      const { binding } = port;
      if (binding.kind !== 'interdomain') continue;
      const { remote, remotePort } = binding;
      const peer = ports.get(`${remote}/${remotePort}`);
      const end = peer?.binding;
      if (end?.kind === 'interdomain' && end.remote === domid && end.remotePort === port.port) {
        continue;
      }
      const lastPort = last?.ports.at(-1)?.port ?? 0;
      if (endsWithFile && peer === undefined && remote === last?.domid && remotePort > lastPort) {
        const what =
          `the log ends before port ${remotePort} of domain ${remote}, ` +
          `which port ${port.port} of domain ${domid} is connected to`;
        const hint = 'the event-channel dump is cut off: use the complete log';
        notes.problems.push(problemAt(port, what, hint));
        continue;
      }
      const found = end === undefined ? 'is not listed' : `is ${inWords(peer)}`;
      const what =
        `port ${port.port} of domain ${domid} is connected to port ${remotePort} of domain ` +
        `${remote}, which ${found}`;
      if (peer === undefined) noteContradiction(notes, what, port);
      else noteContradiction(notes, what, port, peer);
    }
  }
  checkDebugPorts(domains, ports, notes);
};

const inWords = (port: PortReading | undefined): string => {
  const binding = port?.binding;
  if (binding === undefined) return 'free';
  return binding.kind === 'interdomain'
    ? `connected to port ${binding.remotePort} of domain ${binding.remote}`
    : binding.kind;
};

const VIRQ_DEBUG = 1;

const checkDebugPorts = (
  domains: readonly DomainReading[],
  ports: ReadonlyMap<string, PortReading>,
  notes: Notes,
): void => {
  for (const { domid, vcpus } of domains) {
    for (const vcpu of vcpus) {
      const port = vcpu.debugVirqPort ?? 0;
      if (port === 0) continue;
      const bound = ports.get(`${domid}/${port}`);
      if (bound?.binding.kind === 'virq' && bound.binding.virq === VIRQ_DEBUG) continue;
      const what =
        `key q: VIRQ_DEBUG of d${domid}v${vcpu.id} is port ${port}; ` +
        `key e: that port is ${bound === undefined ? 'free' : inWords(bound)}`;
      if (bound === undefined) noteContradiction(notes, what, vcpu);
      else noteContradiction(notes, what, vcpu, bound);
    }
  }
};

/** Every domain has to be in all three dumps. */
export const checkCoverage = (
  domains: readonly DomainReading[],
  others: readonly { readonly domid: number }[],
  name: string,
  notes: Notes,
): void => {
  const covered = new Set(others.map(({ domid }) => domid));
  for (const domain of domains) {
    if (covered.has(domain.domid)) continue;
    const what = `domain ${domain.domid} is in the q dump, but has no readable ${name}`;
    const hint = 'dump q, g and e again without creating or destroying domains between them';
    notes.problems.push(problemAt(domain, what, hint));
  }
};
