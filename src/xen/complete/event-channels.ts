/** The event channels of a domain, and their bits in guest memory (F6.2, F6.5, F6.6). */
import {
  EVTCHN_2L_NR_CHANNELS_64,
  EVTCHN_FIFO_BUSY,
  EVTCHN_FIFO_LINKED,
  EVTCHN_FIFO_MASKED,
  EVTCHN_FIFO_NR_CHANNELS,
  EVTCHN_FIFO_PENDING,
  EVTCHN_FIFO_PRIORITIES,
  EVTCHN_FIFO_WORDS_PER_PAGE,
} from '../../host/constants.ts';
import type { EventChannel, EventChannels, XenConsumer } from '../../host/event-channel.ts';
import type { Mfn } from '../../host/ids.ts';
import type { VcpuFifo } from '../../host/vcpu.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPages } from './domain-pages.ts';
import { type Queue, type QueueId, queuesOf, usualPriority } from './fifo-queues.ts';
import { type DomainPorts, type ShownPort, virqVcpu } from './ports.ts';
import type { Workbench } from './workbench.ts';

/** Ports come in buckets of one page of struct evtchn, Xen-internal. */
const PORTS_PER_BUCKET = 128;
/** The tool stack's default limit for guests: libxl's event_channels. */
const GUEST_MAX_PORT = 1023;

export interface CompletedEvents {
  readonly events: EventChannels;
  /** By vCPU id; null: none. */
  readonly fifo: readonly (VcpuFifo | null)[];
  readonly virqToPort: readonly Readonly<Record<number, number>>[];
}

const bit = (n: number): number => 2 ** n;

interface FifoPages {
  readonly array: readonly Mfn[];
  readonly controls: readonly Mfn[];
}

/** Words that the dump shows, in array pages; a port whose word is absent ends the array. */
const arrayPages = (ports: DomainPorts['ports']): number => {
  let last = -1;
  for (const [p, { reading }] of ports)
    if (reading.link.abi === 'fifo' && reading.link.word === 'present') last = Math.max(last, p);
  return last < 0 ? 0 : Math.floor(last / EVTCHN_FIFO_WORDS_PER_PAGE) + 1;
};

/** Listed pages that can be FIFO pages: writable, with references that nothing else explains. */
const listedCandidates = (w: Workbench, d: DomainFacts, pages: DomainPages): Mfn[] => {
  const granted = new Set((w.known.grants.get(d.domid) ?? []).map((g) => g.mfn));
  return d.domPages
    .filter((p) => p.taf.type === 7 && p.taf.count > 0 && p.caf.count > 1 && !granted.has(p.mfn))
    .map((p) => p.mfn as Mfn)
    .filter((f) => !pages.special.has(f));
};

/** Pages for the array and the control blocks; null when the domain has too few. */
const takeFifoPages = (
  w: Workbench,
  d: DomainFacts,
  pages: DomainPages,
  arrays: number,
): FifoPages | null => {
  const vcpus = d.reading.vcpus.length;
  const needed = arrays + vcpus;
  const listed = d.allListed ? listedCandidates(w, d, pages) : [];
  if (Math.max(pages.unseenLeft(), listed.length) < needed) return null;
  const take = (): Mfn => {
    const frame = d.allListed ? (listed.shift() as Mfn) : (pages.takeUnseen() as Mfn);
    pages.special.add(frame);
    return frame;
  };
  const array = Array.from({ length: arrays }, take);
  const controls = Array.from({ length: vcpus }, take);
  w.notes.assume('fifo-pages', needed, d.domid);
  return { array, controls };
};

/** Event words of all ports, with the links of the queues that they are on. */
const writeWords = (
  w: Workbench,
  pages: FifoPages,
  ports: DomainPorts['ports'],
  queues: readonly Queue[],
): void => {
  const links = new Map<number, number>();
  for (const q of queues) for (const [i, p] of q.ports.entries()) links.set(p, q.ports[i + 1] ?? 0);
  const words = pages.array.map((): Record<number, number> => ({}));
  for (const [p, { reading }] of ports) {
    const { link } = reading;
    const page = words[Math.floor(p / EVTCHN_FIFO_WORDS_PER_PAGE)];
    if (page === undefined || link.abi !== 'fifo' || link.word !== 'present') continue;
    const next = links.get(p);
    const word =
      (reading.pending ? bit(EVTCHN_FIFO_PENDING) : 0) +
      (reading.masked ? bit(EVTCHN_FIFO_MASKED) : 0) +
      (link.busy ? bit(EVTCHN_FIFO_BUSY) : 0) +
      (next === undefined ? 0 : bit(EVTCHN_FIFO_LINKED) + next);
    if (word !== 0) page[p % EVTCHN_FIFO_WORDS_PER_PAGE] = word;
  }
  pages.array.forEach((frame, i) => {
    w.content[frame] = { kind: 'fifo-array', words: words[i] ?? {} };
  });
};

/** Control blocks with the heads of the queues, and Xen's tails. */
const writeControls = (w: Workbench, pages: FifoPages, queues: readonly Queue[]): VcpuFifo[] =>
  pages.controls.map((frame, vcpu) => {
    const heads = new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0);
    const tails = new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0);
    let ready = 0;
    for (const q of queues) {
      if (q.vcpu !== vcpu) continue;
      heads[q.priority] = q.ports[0] as number;
      tails[q.priority] = q.ports.at(-1) as number;
      ready += bit(q.priority);
    }
    w.content[frame] = { kind: 'fifo-control', blocks: { 0: { ready, heads } } };
    return { control: { frame, offset: 0 }, tails };
  });

/** 2-level: pending and mask bits are in shared_info; a dead domain may have none. */
const writeBits = (w: Workbench, sharedInfo: Mfn | null, ports: DomainPorts['ports']): void => {
  const page = sharedInfo === null ? undefined : w.content[sharedInfo];
  if (sharedInfo === null || page?.kind !== 'shared_info') return;
  const which = (is: (p: ShownPort) => boolean): number[] =>
    [...ports].filter(([, s]) => is(s)).map(([p]) => p);
  w.content[sharedInfo] = {
    ...page,
    pending: which((s) => s.reading.pending),
    masked: which((s) => s.reading.masked),
  };
};

const consumerOf = (w: Workbench, d: DomainFacts, p: ShownPort): XenConsumer | null => {
  if (p.reading.xenConsumer === 0) return null;
  w.notes.assume('xen-consumers', 1, d.domid);
  return d.type === 'hvm' ? 'ioreq' : 'vm_event';
};

const channelOf = (
  w: Workbench,
  d: DomainFacts,
  p: ShownPort,
  fifo: boolean,
  queue: QueueId | undefined,
): EventChannel => {
  const priority = fifo ? usualPriority(p) : 7;
  const { link } = p.reading;
  return {
    binding: p.binding,
    xenConsumer: consumerOf(w, d, p),
    notifyVcpu: p.notifyVcpu,
    priority: queue?.priority ?? priority,
    pendingBeyondArray: fifo && link.abi === 'fifo' && link.word === 'absent' && p.reading.pending,
    lastQueue:
      queue === undefined
        ? { vcpu: p.notifyVcpu, priority }
        : { vcpu: queue.vcpu, priority: queue.priority },
  };
};

const limitsOf = (
  w: Workbench,
  d: DomainFacts,
  ports: DomainPorts['ports'],
): { maxPort: number; validPorts: number } => {
  const highest = [...ports.keys()].reduce((a, b) => Math.max(a, b), 0);
  w.notes.assume('port-limit', 1, d.domid);
  w.notes.assume('port-buckets', 1, d.domid);
  const maxPort = d.domid === 0 ? EVTCHN_FIFO_NR_CHANNELS - 1 : Math.max(GUEST_MAX_PORT, highest);
  const buckets =
    d.dying === 'dead' && ports.size === 0 ? 0 : Math.floor(highest / PORTS_PER_BUCKET) + 1;
  return { maxPort, validPorts: buckets * PORTS_PER_BUCKET };
};

/** The bound port of each VIRQ, by vCPU (I6.3). */
const virqsOf = (d: DomainFacts, ports: DomainPorts['ports']): Record<number, number>[] => {
  const virqs = d.reading.vcpus.map((): Record<number, number> => ({}));
  for (const [p, { binding, notifyVcpu }] of ports) {
    if (binding.state !== 'virq') continue;
    const own = virqs[virqVcpu(binding.virq, notifyVcpu)];
    if (own !== undefined) own[binding.virq] = p;
  }
  return virqs;
};

/** The event channels of one domain; words, bits and control blocks go into its pages. */
export const eventChannelsOf = (
  w: Workbench,
  d: DomainFacts,
  shown: DomainPorts,
  pages: DomainPages,
  sharedInfo: Mfn | null,
): CompletedEvents => {
  const { ports } = shown;
  const wanted = shown.abi === 'fifo' && d.reading.vcpus.length > 0;
  const fifoPages = wanted ? takeFifoPages(w, d, pages, arrayPages(ports)) : null;
  if (shown.abi === 'fifo' && fifoPages === null)
    w.notes.contradict(
      'fifo-pages',
      d.domid,
      `d${d.domid} has no pages for FIFO event words and control blocks`,
      { at: [d.reading] },
    );
  const fifo = fifoPages !== null;
  const queues = fifo ? queuesOf(d.domid, ports, d.reading.vcpus.length, w.notes) : [];
  const queueOf = new Map(queues.flatMap((q) => q.ports.map((p): [number, Queue] => [p, q])));
  let controls: VcpuFifo[] = [];
  if (fifo) {
    writeWords(w, fifoPages, ports, queues);
    controls = writeControls(w, fifoPages, queues);
    w.notes.assume('fifo-priorities', ports.size, d.domid);
    w.notes.assume('fifo-queues', queues.length, d.domid);
    w.notes.assume('fifo-tails', controls.length * EVTCHN_FIFO_PRIORITIES - queues.length, d.domid);
  } else writeBits(w, sharedInfo, ports);
  const channels: Record<number, EventChannel> = {};
  for (const [p, s] of ports) channels[p] = channelOf(w, d, s, fifo, queueOf.get(p));
  const list = Object.values(channels);
  const limits = limitsOf(w, d, ports);
  // Without event words a guest can only be using the 2-level ABI, if its ports allow it.
  const beyond2l = shown.abi === 'fifo' && limits.validPorts > EVTCHN_2L_NR_CHANNELS_64;
  return {
    events: {
      abi: fifo || beyond2l ? 'fifo' : '2l',
      ...limits,
      channels,
      activeChannels: list.length,
      xenChannels: list.filter((c) => c.xenConsumer !== null).length,
      nextEvtchn: 0,
      fifoArray: fifoPages?.array ?? [],
      suspendPort: null,
    },
    fifo: d.reading.vcpus.map((_, v) => controls[v] ?? null),
    virqToPort: virqsOf(d, ports),
  };
};
