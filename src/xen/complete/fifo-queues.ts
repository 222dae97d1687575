/**
 * The FIFO queues that the links of a dump belong to (F6.6, I6.4). A port
 * that is LINKED names the next one; which queue the chain hangs on, and so
 * its head and tail, is Xen's private knowledge and assumed here.
 */
import {
  EVTCHN_FIFO_PRIORITIES,
  EVTCHN_FIFO_PRIORITY_DEFAULT,
  VIRQ,
} from '../../host/constants.ts';
import type { Notes } from './notes.ts';
import type { ShownPort } from './ports.ts';

export interface QueueId {
  readonly vcpu: number;
  readonly priority: number;
}

/** Ports from head to tail. */
export interface Queue extends QueueId {
  readonly ports: readonly number[];
}

/** Linux gives its timer the highest priority and leaves the others at the default. */
const HIGHEST = 0;

export const usualPriority = (p: ShownPort): number =>
  p.binding.state === 'virq' && p.binding.virq === VIRQ.TIMER
    ? HIGHEST
    : EVTCHN_FIFO_PRIORITY_DEFAULT;

/** The shown link of a port: the next one, 0 the end, null: not LINKED. */
export const linkOf = (p: ShownPort): number | null => {
  const { link } = p.reading;
  return link.abi === 'fifo' && link.word === 'present' ? (link.link ?? null) : null;
};

/**
 * Links that can be of chains: to a port that is LINKED itself, one link to
 * each port, no port to itself. Other links become ends, and are listed.
 */
const soundLinks = (
  id: number,
  ports: ReadonlyMap<number, ShownPort>,
  notes: Notes,
): Map<number, number> => {
  const links = new Map<number, number>();
  const reached = new Set<number>();
  for (const [p, shown] of ports) {
    const next = linkOf(shown);
    if (next === null) continue;
    const target = ports.get(next);
    const sound =
      next === 0 ||
      (next !== p && !reached.has(next) && target !== undefined && linkOf(target) !== null);
    if (!sound)
      notes.contradict(
        'fifo-link',
        id,
        `d${id} port ${p} links to port ${next}, which is on no queue with it`,
        { shown: next, have: 0, at: [shown.reading] },
      );
    links.set(p, sound ? next : 0);
    if (sound && next !== 0) reached.add(next);
  }
  return links;
};

/** Chains from their heads; what is left after them runs in circles and is cut open. */
const chainsOf = (id: number, links: Map<number, number>, notes: Notes): number[][] => {
  const reached = new Set([...links.values()].filter((n) => n !== 0));
  const chains: number[][] = [];
  const seen = new Set<number>();
  const follow = (head: number): void => {
    const chain: number[] = [];
    let at = head;
    while (at !== 0 && !seen.has(at)) {
      seen.add(at);
      chain.push(at);
      at = links.get(at) ?? 0;
    }
    chains.push(chain);
  };
  for (const p of links.keys()) if (!reached.has(p)) follow(p);
  for (const p of links.keys()) {
    if (seen.has(p)) continue;
    notes.contradict('fifo-link', id, `d${id} port ${p} is on a queue without an end`);
    follow(p);
  }
  return chains;
};

/** Priorities in the order in which a chain tries them: near its usual one, the highest last. */
const priorities = (usual: number): number[] => {
  const all = [...Array(EVTCHN_FIFO_PRIORITIES).keys()];
  const cost = (p: number): number =>
    p === HIGHEST && usual !== HIGHEST ? EVTCHN_FIFO_PRIORITIES : Math.abs(p - usual);
  return all.sort((a, b) => cost(a) - cost(b) || a - b);
};

/** Hands out queues of a domain, each once. */
const createQueues = (vcpus: number): ((home: number, usual: number) => QueueId | null) => {
  const taken = new Map<number, Set<number>>();
  const isFull = (v: number): boolean => (taken.get(v)?.size ?? 0) === EVTCHN_FIFO_PRIORITIES;
  let open = 0;
  return (home, usual) => {
    while (open < vcpus && isFull(open)) open++;
    const vcpu = home < vcpus && !isFull(home) ? home : open;
    if (vcpu >= vcpus) return null;
    const own = taken.get(vcpu) ?? new Set<number>();
    taken.set(vcpu, own);
    const priority = priorities(usual).find((p) => !own.has(p)) as number;
    own.add(priority);
    return { vcpu, priority };
  };
};

/**
 * The queues of a domain of `vcpus` vCPUs, each chain on one of its own: of
 * the vCPU that its head notifies, at the usual priority if that is free.
 * A chain for which no queue is left is not LINKED any more, and listed.
 */
export const queuesOf = (
  id: number,
  ports: ReadonlyMap<number, ShownPort>,
  vcpus: number,
  notes: Notes,
): Queue[] => {
  const chains = chainsOf(id, soundLinks(id, ports, notes), notes);
  const queueFor = createQueues(vcpus);
  const queues: Queue[] = [];
  for (const chain of chains) {
    const head = ports.get(chain[0] as number) as ShownPort;
    const usual = chain.reduce((n, p) => Math.max(n, usualPriority(ports.get(p) as ShownPort)), 0);
    const place = queueFor(head.notifyVcpu, usual);
    if (place === null) {
      notes.contradict(
        'fifo-queue',
        id,
        `d${id}: no queue is left for the ports linked from port ${chain[0]}`,
        { at: [head.reading] },
      );
      continue;
    }
    queues.push({ ...place, ports: chain });
  }
  return queues;
};
