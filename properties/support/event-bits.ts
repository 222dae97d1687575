/**
 * Pending and mask bits of a port where the guest sees them, and whether an
 * event would reach it: in either ABI (F6.5 to F6.7). Read-only; what Xen and
 * guests do to these bits is `src/hypercalls/event-channel`.
 */
import {
  EVTCHN_FIFO_LINK_MASK,
  EVTCHN_FIFO_LINKED,
  EVTCHN_FIFO_MASKED,
  EVTCHN_FIFO_PENDING,
  EVTCHN_FIFO_WORDS_PER_PAGE,
} from '../../src/host/constants.ts';
import type { VcpuInfo } from '../../src/host/content.ts';
import type { Domain } from '../../src/host/domain.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import type { Vcpu } from '../../src/host/vcpu.ts';

const bitOf = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1;

/** A FIFO event word, taken apart. */
export interface EventWord {
  readonly pending: boolean;
  readonly masked: boolean;
  readonly linked: boolean;
  /** The next port of its queue, 0: the last. */
  readonly link: number;
}

/** The event word of a port; null: the array has no page for it. */
export const eventWord = (host: Host, d: Domain, port: number): EventWord | null => {
  const frame = d.events.fifoArray[Math.floor(port / EVTCHN_FIFO_WORDS_PER_PAGE)];
  const page = frame === undefined ? null : contentOf(host.hardware, frame, 'fifo-array');
  if (page === null) return null;
  const word = page.words[port % EVTCHN_FIFO_WORDS_PER_PAGE] ?? 0;
  return {
    pending: bitOf(word, EVTCHN_FIFO_PENDING),
    masked: bitOf(word, EVTCHN_FIFO_MASKED),
    linked: bitOf(word, EVTCHN_FIFO_LINKED),
    link: word & EVTCHN_FIFO_LINK_MASK,
  };
};

export interface PortBits {
  readonly pending: boolean;
  readonly masked: boolean;
}

/** The bits of every port of a domain, by one look at its pages. */
export const portBits = (host: Host, d: Domain): ((port: number) => PortBits) => {
  if (d.events.abi === '2l') {
    const shared =
      d.sharedInfo === null ? null : contentOf(host.hardware, d.sharedInfo, 'shared_info');
    const [pending, masked] = [new Set(shared?.pending), new Set(shared?.masked)];
    return (port) => ({ pending: pending.has(port), masked: masked.has(port) });
  }
  return (port) => {
    const word = eventWord(host, d, port);
    const beyond = d.events.channels[port]?.pendingBeyondArray === true;
    return { pending: beyond || word?.pending === true, masked: word?.masked === true };
  };
};

/** The vcpu_info of a vCPU, registered or in shared_info; null: neither is there. */
export const vcpuInfo = (host: Host, d: Domain, v: Vcpu): VcpuInfo | null => {
  const { hardware } = host;
  if (v.vcpuInfo !== null)
    return contentOf(hardware, v.vcpuInfo.frame, 'vcpu_info')?.infos[v.vcpuInfo.offset] ?? null;
  if (d.sharedInfo === null) return null;
  return contentOf(hardware, d.sharedInfo, 'shared_info')?.vcpus[v.id] ?? null;
};

/** A FIFO queue as found by following LINK from its head. */
export interface Queue {
  readonly vcpu: number;
  readonly priority: number;
  readonly head: number;
  /** Tail as Xen keeps it; 0: none. */
  readonly tail: number;
  /** Ports in their order; ends early where the chain is broken. */
  readonly ports: readonly number[];
  /** What is wrong with the chain, null: nothing. */
  readonly fault: string | null;
}

const follow = (host: Host, d: Domain, head: number): Pick<Queue, 'ports' | 'fault'> => {
  const seen = new Set<number>();
  for (let port = head; port !== 0; ) {
    if (seen.has(port)) return { ports: [...seen], fault: `port ${port} is on it twice` };
    const word = eventWord(host, d, port);
    if (word === null) return { ports: [...seen], fault: `port ${port} has no event word` };
    if (!word.linked) return { ports: [...seen], fault: `port ${port} is not LINKED` };
    seen.add(port);
    port = word.link;
  }
  return { ports: [...seen], fault: null };
};

/** Every queue of a domain that has a head. */
export const queuesOf = (host: Host, d: Domain): readonly Queue[] => {
  if (d.events.abi !== 'fifo') return [];
  return d.vcpus.flatMap((v) => {
    const { fifo } = v;
    if (fifo === null) return [];
    const page = contentOf(host.hardware, fifo.control.frame, 'fifo-control');
    const heads = page?.blocks[fifo.control.offset]?.heads ?? [];
    return heads.flatMap((head, priority): Queue[] => {
      if (head === 0) return [];
      const tail = fifo.tails[priority] ?? 0;
      return [{ vcpu: v.id, priority, head, tail, ...follow(host, d, head) }];
    });
  });
};
