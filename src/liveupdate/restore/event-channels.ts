/**
 * Pass 2: event channels, in the order of section 11 rule 12: ABI with
 * control blocks and array pages, ports, priorities, queues. Ports are
 * re-created by number: binding them anew would raise and lose events
 * (F6.10, F6.11). Peers are not looked at, so domains may come in any order
 * (R40, Q14); whether pairs agree is seen by the verification (rule 16).
 */
import { keeps } from '../../design/design.ts';
import { EVTCHN_FIFO_PRIORITIES, EVTCHN_FIFO_PRIORITY_DEFAULT } from '../../host/constants.ts';
import type { EventChannel } from '../../host/event-channel.ts';
import { mfn } from '../../host/ids.ts';
import { getPageAndType } from '../../host/page-refs.ts';
import { PGT } from '../../host/page-type.ts';
import type { VcpuFifo } from '../../host/vcpu.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

/** The ABI and the pages that Xen keeps mapped for it (F6.6, rule 10). */
const abi = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const held = [
    ...(s.EVTCHN_FIFO?.array ?? []),
    ...(s.EVTCHN_FIFO?.controls.map((c) => c.control.frame) ?? []),
  ];
  const promotion = draft.promotion(s);
  for (const frame of held) {
    const failed = getPageAndType(promotion, frame, PGT.writable);
    if (failed !== null) return crashOf(id, failed, 'F6.6', 'section 11 rule 10');
  }
  draft.update(id, (d) => ({
    events: {
      ...d.events,
      abi: s.EVTCHN_ABI.abi,
      validPorts: s.EVTCHN_ABI.validPorts,
      fifoArray: Array.from(s.EVTCHN_FIFO?.array ?? [], mfn),
    },
    vcpus: d.vcpus.map((v) => {
      const control = s.EVTCHN_FIFO?.controls.find((c) => c.vcpu === v.id)?.control;
      const fifo: VcpuFifo | null =
        control === undefined
          ? null
          : { control, tails: new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0) };
      return { ...v, fifo };
    }),
  }));
  return null;
};

/** The ports as saved; a design without F6.16 hands out the lowest free numbers instead. */
const ports = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const channels: Record<number, EventChannel> = {};
  s.EVTCHN_PORTS.ports.forEach((p, i) => {
    channels[keeps(draft.design, 'F6.16.ports') ? p.port : i + 1] = {
      binding: p.binding,
      // Another Xen has its functions in another order (F6.2).
      xenConsumer:
        keeps(draft.design, 'F6.2.consumer') || p.xenConsumer === null ? p.xenConsumer : 'vm_event',
      notifyVcpu: p.notifyVcpu,
      priority: EVTCHN_FIFO_PRIORITY_DEFAULT,
      pendingBeyondArray: false,
      lastQueue: { vcpu: 0, priority: 0 },
    };
  });
  // A domain that forgets to count believes that it has no ports (F6.3).
  const all = keeps(draft.design, 'F6.3.counts') ? Object.values(channels) : [];
  draft.update(s.DOMAIN.domid, (d) => ({
    events: {
      ...d.events,
      channels,
      activeChannels: all.length,
      xenChannels: all.filter((c) => c.xenConsumer !== null).length,
      suspendPort: s.EVTCHN_PORTS.suspendPort,
      nextEvtchn: s.EVTCHN_RESET?.nextEvtchn ?? 0,
    },
    vcpus: d.vcpus.map((v) => ({
      ...v,
      virqToPort: keeps(draft.design, 'F6.3.virq') ? virqsOf(channels, v.id) : {},
    })),
  }));
  return null;
};

/** An end that is compared with its peer at once, though the peer may come later (S49). */
const comparePeers = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const { design } = draft;
  const inOrder = design.policies.Q14 === 'order';
  if (keeps(design, 'F6.12.peers') && !inOrder) return null;
  for (const { port, binding: b } of s.EVTCHN_PORTS.ports) {
    // In ascending order the second end finds the first one (Q14).
    if (b.state !== 'interdomain' || (inOrder && b.remoteDomid > s.DOMAIN.domid)) continue;
    if (draft.domain(b.remoteDomid)?.events.channels[b.remotePort]?.binding.state !== 'interdomain')
      return {
        what: `d${s.DOMAIN.domid} port ${port}: d${b.remoteDomid} has no port ${b.remotePort} yet`,
        sources: ['Q14', 'S49'],
      };
  }
  return null;
};

/** Per-vCPU VIRQs are found through the vCPU they notify, global ones through vCPU 0 (I6.3). */
const virqsOf = (
  channels: Readonly<Record<number, EventChannel>>,
  vcpu: number,
): Record<number, number> => {
  const table: Record<number, number> = {};
  for (const [number, c] of Object.entries(channels)) {
    if (c.binding.state !== 'virq') continue;
    const home = isPerVcpu(c.binding.virq) ? c.notifyVcpu : 0;
    if (home === vcpu) table[c.binding.virq] = Number(number);
  }
  return table;
};

/** TIMER, DEBUG, XENOPROF and XENPMU are bound for each vCPU (F6.14). */
const isPerVcpu = (virq: number): boolean => [0, 1, 7, 13].includes(virq);

const priorities = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  if (!keeps(draft.design, 'F6.9.priority')) return null;
  draft.update(s.DOMAIN.domid, (d) => {
    const channels = { ...d.events.channels };
    for (const { port, priority } of s.EVTCHN_PRIORITIES.priorities) {
      const c = channels[port];
      if (c !== undefined) channels[port] = { ...c, priority };
    }
    return { events: { ...d.events, channels } };
  });
  return null;
};

const queues = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const q = s.EVTCHN_QUEUES;
  if (q === undefined) return null;
  draft.update(s.DOMAIN.domid, (d) => {
    const channels = { ...d.events.channels };
    q.last.port.forEach((port, i) => {
      const c = channels[port];
      const lastQueue = {
        vcpu: q.last.vcpu[i] as number,
        priority: q.last.priority[i] as number,
      };
      if (c !== undefined) channels[port] = { ...c, lastQueue };
    });
    for (const port of q.pendingBeyondArray) {
      const c = channels[port];
      if (c !== undefined) channels[port] = { ...c, pendingBeyondArray: true };
    }
    return {
      events: { ...d.events, channels },
      vcpus: d.vcpus.map((v) => {
        const tails = q.tails.find((t) => t.vcpu === v.id)?.tails;
        return v.fifo === null || tails === undefined ? v : { ...v, fifo: { ...v.fifo, tails } };
      }),
    };
  });
  return null;
};

/** EVTCHNOP_init_control on ports that exist: their priorities go back to the default (F6.8, S46). */
const lateAbi = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const failed = abi(draft, s);
  if (failed !== null || s.EVTCHN_ABI.abi === '2l') return failed;
  draft.update(s.DOMAIN.domid, (d) => ({
    events: {
      ...d.events,
      channels: Object.fromEntries(
        Object.entries(d.events.channels).map(([n, c]) => [
          n,
          { ...c, priority: EVTCHN_FIFO_PRIORITY_DEFAULT },
        ]),
      ),
    },
  }));
  return null;
};

/** evtchn_bind_interdomain always raises the local port (F6.10, S48). */
const rebind = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const info = draft.domain(s.DOMAIN.domid)?.sharedInfo;
  const c = info == null ? undefined : draft.contentAt(info);
  if (keeps(draft.design, 'F6.10.recreate') || info == null || c?.kind !== 'shared_info')
    return null;
  const bound = s.EVTCHN_PORTS.ports.filter((p) => p.binding.state === 'interdomain');
  const pending = [...new Set([...c.pending, ...bound.map((p) => p.port)])];
  draft.setContent(info, { ...c, pending: pending.sort((a, b) => a - b) });
  return null;
};

/** All of it for one domain, in the order of rule 12, each topic with the record that it reads. */
export const restoreEventChannels = (
  draft: RestoreDraft,
  s: DomainSections,
): readonly (readonly [record: string, restore: () => Crash | null])[] => {
  const early = keeps(draft.design, 'R36.1');
  return [
    ...(early ? ([['EVTCHN_ABI', () => abi(draft, s)]] as const) : []),
    ['EVTCHN_PORTS', () => ports(draft, s)],
    ['EVTCHN_PORTS', () => comparePeers(draft, s)],
    ['EVTCHN_PRIORITIES', () => priorities(draft, s)],
    ...(early ? [] : ([['EVTCHN_ABI', () => lateAbi(draft, s)]] as const)),
    ['EVTCHN_QUEUES', () => queues(draft, s)],
    ['EVTCHN_PORTS', () => rebind(draft, s)],
  ];
};
