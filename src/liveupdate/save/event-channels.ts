/** Event channels: ABI, ports, priorities, and what of the FIFO queues only Xen knows (F6). */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import { EVTCHN_FIFO_PRIORITY_DEFAULT } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import { port, vcpuId } from '../../host/ids.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';

const abi = ({ events }: Domain): LuRecord =>
  record('EVTCHN_ABI', {
    abi: events.abi,
    maxPort: events.maxPort,
    validPorts: events.validPorts,
  });

const fifo = (d: Domain): LuRecord[] => {
  const controls = d.vcpus.flatMap((v) =>
    v.fifo === null ? [] : [{ vcpu: v.id, control: v.fifo.control }],
  );
  const array = Uint32Array.from(d.events.fifoArray);
  const used = d.events.abi === 'fifo' || controls.length > 0 || array.length > 0;
  return used ? [record('EVTCHN_FIFO', { controls, array })] : [];
};

const ports = ({ events }: Domain, design: Design): LuRecord =>
  record('EVTCHN_PORTS', {
    ports: numericEntries(events.channels).map(([n, c]) => ({
      port: port(n),
      binding: c.binding,
      xenConsumer: c.xenConsumer,
      notifyVcpu: vcpuId(c.notifyVcpu),
    })),
    suspendPort: keeps(design, 'F6.3.suspend') ? events.suspendPort : null,
  });

const priorities = ({ events }: Domain): LuRecord =>
  record('EVTCHN_PRIORITIES', {
    priorities: numericEntries(events.channels)
      .filter(([, c]) => c.priority !== EVTCHN_FIFO_PRIORITY_DEFAULT)
      .map(([n, c]) => ({ port: port(n), priority: c.priority })),
  });

/**
 * Tails and last queues. Without the rule each queue looks empty to xen#2,
 * and its next event overwrites the head (S47).
 */
const queues = (d: Domain, design: Design): LuRecord[] => {
  const carried = keeps(design, 'F6.6.tails');
  const channels = numericEntries(d.events.channels);
  const tails = d.vcpus.flatMap((v) =>
    v.fifo === null
      ? []
      : [{ vcpu: v.id, tails: v.fifo.tails.map((tail) => port(carried ? tail : 0)) }],
  );
  const last = channels.filter(
    ([, c]) => carried && (c.lastQueue.vcpu !== 0 || c.lastQueue.priority !== 0),
  );
  const pendingBeyondArray = channels
    .filter(([, c]) => c.pendingBeyondArray && keeps(design, 'F6.6.beyond'))
    .map(([n]) => port(n));
  if (tails.length + last.length + pendingBeyondArray.length === 0) return [];
  return [
    record('EVTCHN_QUEUES', {
      tails,
      last: {
        port: Uint32Array.from(last, ([n]) => n),
        vcpu: Uint16Array.from(last, ([, c]) => c.lastQueue.vcpu),
        priority: Uint8Array.from(last, ([, c]) => c.lastQueue.priority),
      },
      pendingBeyondArray,
    }),
  ];
};

/** The cursor of an interrupted reset, where the design's answer to Q4 carries it (F5.6). */
const reset = ({ events }: Domain, design: Design): LuRecord[] => {
  const { Q4 } = design.policies;
  const carried = Q4 === 'exact' || Q4 === 'cursor-only';
  return carried && events.nextEvtchn !== 0
    ? [record('EVTCHN_RESET', { nextEvtchn: port(events.nextEvtchn) })]
    : [];
};

/**
 * As a completed reset would leave it (F5.6(e)): Xen's own ports only, 2-level.
 * Nothing tells the peers, whose records say interdomain as before (S16).
 */
const asAfterReset = (d: Domain): Domain => ({
  ...d,
  vcpus: d.vcpus.map((v) => ({ ...v, fifo: null })),
  events: {
    ...d.events,
    abi: '2l',
    fifoArray: [],
    nextEvtchn: 0,
    channels: Object.fromEntries(
      numericEntries(d.events.channels).filter(([, c]) => c.xenConsumer !== null),
    ),
  },
});

/** Section 11, rule 12: ABI and its pages, ports, priorities, queues. */
export const eventChannelRecords = (domain: Domain, design: Design): LuRecord[] => {
  const dropped = design.policies.Q4 === 'drop' && domain.events.nextEvtchn !== 0;
  const d = dropped ? asAfterReset(domain) : domain;
  return [
    abi(d),
    ...fifo(d),
    ports(d, design),
    priorities(d),
    ...queues(d, design),
    ...reset(d, design),
  ];
};
