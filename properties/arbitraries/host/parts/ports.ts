/** Event channels of all kinds, in either ABI, with what is pending on them (F6). */

import type { DomainDraft, HostDraft } from '../../../../src/host/build/draft.ts';
import {
  addChannel,
  bindInterdomain,
  bindIpi,
  bindPirq,
  bindUnbound,
  bindVirq,
} from '../../../../src/host/build/events.ts';
import { mask, raise } from '../../../../src/host/build/fifo.ts';
import { setVirqHandler } from '../../../../src/host/build/system.ts';
import { numericKeys } from '../../../../src/host/codec.ts';
import { NR_VIRQS, VIRQ, VIRQ_PER_DOMAIN, VIRQ_PER_VCPU } from '../../../../src/host/constants.ts';
import { type PartKind, pick, type Site } from './kind.ts';

const vcpuOf = (d: DomainDraft, n: number): number => n % d.domain.vcpus.length;

/**
 * A port far up now and then; under FIFO beyond the first page of the array
 * (F6.6), above what 2-level has, or the last that the domain may have.
 */
const farPort = (d: DomainDraft, n: number): { port?: number } => {
  const { events } = d.domain;
  const fifo = events.abi === 'fifo';
  const above = n % 50 === 40 ? events.maxPort : n % 20 === 0 ? 4096 + 163 * (n % 700) : 1024;
  const port = (fifo && n % 2 === 0 ? above : 130) + (above === events.maxPort ? 0 : n % 700);
  return n % 5 === 0 && events.channels[port] === undefined && port <= events.maxPort
    ? { port }
    : {};
};

const options = (d: DomainDraft, [a, b, c]: Site['n']) => ({
  vcpu: vcpuOf(d, a),
  ...(d.domain.events.abi === 'fifo' && b % 4 !== 0 ? { priority: (b >> 2) % 16 } : {}),
  ...farPort(d, c),
});

/** Raises a port, or masks it, or both, in either order. */
const stir = (draft: HostDraft, d: DomainDraft, port: number, how: number): void => {
  const domid = d.domain.domid;
  // A selector beyond 52 does not fit a word of the model.
  const mayRaise = d.domain.events.abi === 'fifo' || port < 52 * d.domain.config.width;
  if (how % 4 === 3) mask(draft, domid, port);
  if (how % 2 === 1 && mayRaise) raise(draft, domid, port);
  if (how % 8 === 5) mask(draft, domid, port);
};

const pair = ({ draft, at, other, n }: Site): void => {
  const [first, second, third] = n;
  const made = bindInterdomain(draft, at.domain.domid, other.domain.domid, {
    a: options(at, n),
    ...(at === other ? {} : { b: options(other, [third, first, second]) }),
  });
  stir(draft, at, made.a, first >> 2);
  stir(draft, other, made.b, third >> 2);
};

const unbound = ({ draft, at, other, n }: Site): void => {
  stir(
    draft,
    at,
    bindUnbound(draft, at.domain.domid, other.domain.domid, options(at, n)),
    n[0] >> 2,
  );
};

const ipi = ({ draft, at, n }: Site): void => {
  stir(draft, at, bindIpi(draft, at.domain.domid, options(at, n)), n[0] >> 2);
};

/** A VIRQ that the vCPU has no port for yet; a global one goes to its registered handler. */
const virq = ({ draft, at, n }: Site): void => {
  const { domid, vcpus } = at.domain;
  const all = Array.from({ length: NR_VIRQS }, (_, q) => q).filter((q) => q !== VIRQ.DOM_EXC);
  const wanted = pick(all, n[0]);
  const perVcpu = VIRQ_PER_VCPU.includes(wanted);
  const vcpu = perVcpu ? vcpuOf(at, n[1]) : 0;
  if (vcpus[vcpu]?.virqToPort[wanted] !== undefined) return;
  if (!perVcpu && !VIRQ_PER_DOMAIN.includes(wanted)) {
    if (draft.xen.system.virqHandlers[wanted] !== undefined) return;
    if (domid !== 0) setVirqHandler(draft, wanted, domid);
    else if (Object.values(draft.domains).some((d) => d.domain.vcpus[0]?.virqToPort[wanted]))
      return;
  }
  const port = bindVirq(draft, domid, wanted, { ...options(at, [n[0], n[1], n[2]]), vcpu });
  stir(draft, at, port, n[2] >> 2);
};

const pirq = ({ draft, at, n }: Site): void => {
  const { pirqs, domid } = at.domain;
  const number = 24 + (n[0] % 40);
  if (pirqs[number] !== undefined) return;
  stir(draft, at, bindPirq(draft, domid, number, 100 + (n[1] % 90), options(at, n)), n[2] >> 2);
};

/** A port of Xen's own: of the suspend channel or of a monitor (F6.2, F2.24). */
const xenPort = ({ draft, at, other, n }: Site): void => {
  const { events } = at.domain;
  const suspend = n[0] % 2 === 0 && events.suspendPort === null;
  const xenConsumer = suspend ? ('suspend' as const) : ('vm_event' as const);
  const opts = { ...options(at, n), xenConsumer };
  const port =
    n[1] % 3 === 0 || at === other
      ? bindUnbound(draft, at.domain.domid, other.domain.domid, opts)
      : bindInterdomain(draft, at.domain.domid, other.domain.domid, { a: opts }).a;
  if (suspend) events.suspendPort = port;
};

/** A port closed again: numbers have gaps, as on every host that has run for a while. */
const gap = ({ draft, at, n }: Site): void => {
  const port = addChannel(at, { state: 'ipi' }, { vcpu: vcpuOf(at, n[0]) });
  ipi({ draft, at, other: at, n });
  delete at.domain.events.channels[port];
};

/** Events sent and handled at run time: queues of several ports, some of them taken off (F6.7). */
const traffic: PartKind['live'] = function* ({ host, at, n }) {
  const d = host.xen.domains[at];
  const ports = numericKeys(d?.events.channels ?? {});
  if (d === undefined || ports.length === 0) return;
  for (let i = 0; i <= n[0] % 6; i++) {
    const port = ports[(n[1] + i * (1 + (n[2] % 5))) % ports.length] as number;
    const vcpu = n[0] % d.vcpus.length;
    yield { type: 'evtchn.send', domid: at, vcpu, port };
    if (n[2] % 7 === i) yield { type: 'guest.upcall', domid: at, vcpu };
    if (n[2] % 11 === i) yield { type: 'evtchn.close', domid: at, vcpu, port };
  }
};

/** EVTCHNOP_reset, preempted after some ports (F5.2, C3), by the domain or by dom0 (F5.8). */
const reset: PartKind['live'] = function* ({ host, at, n }) {
  const d = host.xen.domains[at];
  if (d === undefined) return;
  const own = n[0] % 2 === 0 || d.controllerPauseCount === 0;
  const caller = own ? at : 0;
  const vcpu = n[1] % (host.xen.domains[caller]?.vcpus.length ?? 1);
  yield { type: 'evtchn.reset', domid: caller, vcpu, target: at, ports: 1 + (n[2] % 5) };
  if (n[2] % 3 === 2)
    yield {
      type: 'evtchn.alloc_unbound',
      domid: at,
      vcpu: d.vcpus.length - 1,
      target: at,
      remote: 0,
    };
  if (n[2] % 4 === 3) yield { type: 'evtchn.reset-continue', domid: caller, vcpu, ports: 1 };
};

export const portParts: readonly PartKind[] = [
  {
    id: 'pair',
    says: 'an inter-domain channel',
    sources: ['F6.10', 'I6.1', 'Q14'],
    weight: 20,
    build: pair,
  },
  { id: 'unbound', says: 'an unbound port', sources: ['F6.1'], weight: 6, build: unbound },
  { id: 'ipi', says: 'an IPI port', sources: ['F6.1'], weight: 6, build: ipi },
  { id: 'virq', says: 'a VIRQ port', sources: ['F6.14', 'I6.3'], weight: 10, build: virq },
  { id: 'pirq', says: 'a PIRQ port', sources: ['F6.3'], weight: 5, build: pirq },
  {
    id: 'xen-port',
    says: 'a port of Xen itself',
    sources: ['F6.2', 'F6.15'],
    weight: 4,
    build: xenPort,
  },
  {
    id: 'gap',
    says: 'a port, with a free one before it',
    sources: ['F6.15'],
    weight: 4,
    build: gap,
  },
  {
    id: 'traffic',
    says: 'events sent, and some of them handled',
    sources: ['F6.7', 'S47'],
    weight: 8,
    live: traffic,
  },
  {
    id: 'reset',
    says: 'EVTCHNOP_reset, preempted',
    sources: ['F5.2', 'F5.4', 'Q4'],
    weight: 5,
    live: reset,
  },
];
