/** The FIFO ABI and raised events under construction (F6.5 to F6.8). */
import {
  EVTCHN_FIFO_LINK_MASK,
  EVTCHN_FIFO_LINKED,
  EVTCHN_FIFO_MASKED,
  EVTCHN_FIFO_PENDING,
  EVTCHN_FIFO_PRIORITIES,
  EVTCHN_FIFO_WORDS_PER_PAGE,
  XEN_LEGACY_MAX_VCPUS,
} from '../constants.ts';
import type { VcpuInfo } from '../content.ts';
import {
  BuildError,
  type DomainDraft,
  type Draft,
  domainAt,
  type HostDraft,
  vcpuAt,
} from './draft.ts';
import { contentAt, takePage } from './memory.ts';

const bit = (n: number): number => 2 ** n;
const has = (word: number, n: number): boolean => Math.floor(word / bit(n)) % 2 === 1;
const withBit = (word: number, n: number): number => (has(word, n) ? word : word + bit(n));

/**
 * Switches to the FIFO ABI: a control block for each vCPU, at `offset` in its
 * page, and `pages` array pages (F6.8).
 */
export const useFifo = (draft: HostDraft, id: number, pages = 1, offset = 0): void => {
  const d = domainAt(draft, id);
  d.domain.events.abi = 'fifo';
  for (const v of d.domain.vcpus) {
    const frame = takePage(d);
    const heads = new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0);
    draft.hardware.content[frame] = {
      kind: 'fifo-control',
      blocks: { [offset]: { ready: 0, heads } },
    };
    v.fifo = {
      control: { frame, offset },
      tails: new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0),
    };
  }
  for (let i = 0; i < pages; i++) {
    const frame = takePage(d);
    draft.hardware.content[frame] = { kind: 'fifo-array', words: {} };
    d.domain.events.fifoArray.push(frame);
  }
};

interface Word {
  get: () => number;
  set: (word: number) => void;
}

/** The event word of a port; null beyond the array. */
const wordOf = (draft: HostDraft, d: DomainDraft, port: number): Word | null => {
  const frame = d.domain.events.fifoArray[Math.floor(port / EVTCHN_FIFO_WORDS_PER_PAGE)];
  if (frame === undefined) return null;
  const { words } = contentAt(draft, frame, 'fifo-array');
  const slot = port % EVTCHN_FIFO_WORDS_PER_PAGE;
  return {
    get: () => words[slot] ?? 0,
    set: (word) => {
      words[slot] = word;
    },
  };
};

/** The vcpu_info of a vCPU, wherever it is. */
const infoOf = (draft: HostDraft, d: DomainDraft, vcpu: number): Draft<VcpuInfo> => {
  const place = vcpuAt(d, vcpu).vcpuInfo;
  const info =
    place !== null
      ? contentAt(draft, place.frame, 'vcpu_info').infos[place.offset]
      : contentAt(draft, d.domain.sharedInfo ?? -1, 'shared_info').vcpus[vcpu];
  if (info === undefined) throw new BuildError(`d${d.domain.domid}v${vcpu} has no vcpu_info`);
  return info;
};

/** Masks a port. */
export const mask = (draft: HostDraft, id: number, port: number): void => {
  const d = domainAt(draft, id);
  if (d.domain.events.abi === '2l') {
    const info = contentAt(draft, d.domain.sharedInfo ?? -1, 'shared_info');
    info.masked = [...new Set([...info.masked, port])].sort((a, b) => a - b);
    return;
  }
  const word = wordOf(draft, d, port);
  word?.set(withBit(word.get(), EVTCHN_FIFO_MASKED));
};

/** Raises an event at a port, as evtchn_port_set_pending does. */
export const raise = (draft: HostDraft, id: number, port: number): void => {
  const d = domainAt(draft, id);
  const channel = d.domain.events.channels[port];
  if (channel === undefined) throw new BuildError(`d${id} port ${port} is free`);
  if (d.domain.events.abi === '2l') raise2l(draft, d, port, channel.notifyVcpu);
  else raiseFifo(draft, d, port);
};

const raise2l = (draft: HostDraft, d: DomainDraft, port: number, vcpu: number): void => {
  const info = contentAt(draft, d.domain.sharedInfo ?? -1, 'shared_info');
  info.pending = [...new Set([...info.pending, port])].sort((a, b) => a - b);
  if (info.masked.includes(port)) return;
  const selector = Math.floor(port / d.domain.config.width);
  // Beyond 2^53 a selector would lose bits.
  if (selector > 52) throw new BuildError(`port ${port} is too high to be raised in a built host`);
  const own = infoOf(draft, d, vcpu);
  own.pendingSel = withBit(own.pendingSel, selector);
  own.upcallPending = true;
};

/** evtchn_fifo_set_pending: appends the port to the queue of its vCPU and priority (F6.7). */
const raiseFifo = (draft: HostDraft, d: DomainDraft, port: number): void => {
  const channel = d.domain.events.channels[port];
  const word = wordOf(draft, d, port);
  if (channel === undefined) return;
  if (word === null) {
    channel.pendingBeyondArray = true;
    return;
  }
  word.set(withBit(word.get(), EVTCHN_FIFO_PENDING));
  if (has(word.get(), EVTCHN_FIFO_MASKED) || has(word.get(), EVTCHN_FIFO_LINKED)) return;
  const { notifyVcpu, priority } = channel;
  const fifo = vcpuAt(d, notifyVcpu).fifo;
  if (fifo === null) throw new BuildError(`d${d.domain.domid}v${notifyVcpu} has no control block`);
  word.set(withBit(word.get(), EVTCHN_FIFO_LINKED));
  channel.lastQueue = { vcpu: notifyVcpu, priority };
  const { blocks } = contentAt(draft, fifo.control.frame, 'fifo-control');
  const block = blocks[fifo.control.offset];
  const tail = fifo.tails[priority] as number;
  const previous = tail === 0 ? null : wordOf(draft, d, tail);
  if (previous !== null && has(previous.get(), EVTCHN_FIFO_LINKED)) {
    previous.set(previous.get() - (previous.get() & EVTCHN_FIFO_LINK_MASK) + port);
  } else if (block !== undefined) {
    const heads = [...block.heads];
    heads[priority] = port;
    blocks[fifo.control.offset] = { ready: withBit(block.ready, priority), heads };
    infoOf(draft, d, notifyVcpu).upcallPending = true;
  }
  fifo.tails[priority] = port;
};

/** VCPUOP_register_vcpu_info: moves a vCPU's info to a page of the domain. */
export const placeVcpuInfo = (draft: HostDraft, id: number, vcpu: number, offset = 0): void => {
  const d = domainAt(draft, id);
  const frame = takePage(d);
  const now: VcpuInfo =
    vcpu < XEN_LEGACY_MAX_VCPUS
      ? { ...infoOf(draft, d, vcpu) }
      : { upcallPending: false, upcallMask: false, pendingSel: 0 };
  draft.hardware.content[frame] = { kind: 'vcpu_info', infos: { [offset]: now } };
  vcpuAt(d, vcpu).vcpuInfo = { frame, offset };
};
