/** Event channels, and what a guest does to its bits. */
import { numericEntries, numericKeys } from '../../../src/host/codec.ts';
import { channelOf, type Makers, pageOf, pick } from './choices.ts';

export const eventChannelMakers = {
  'evtchn.alloc_unbound': (h, d, w, [a, b]) => ({
    type: 'evtchn.alloc_unbound',
    ...w,
    target: a % 3 === 0 ? pick(numericKeys(h.xen.domains), a, 0) : d.domid,
    remote: pick(numericKeys(h.xen.domains), b, 0),
  }),
  'evtchn.bind_interdomain': (h, d, w, [a]) => {
    const waiting: [number, number][] = numericEntries(h.xen.domains).flatMap(([id, o]) =>
      numericEntries(o.events.channels)
        .filter(([, c]) => c.binding.state === 'unbound' && c.binding.remoteDomid === d.domid)
        .map(([p]): [number, number] => [id, p]),
    );
    const [remote, remotePort] = pick(waiting, a, [0, 1]);
    return { type: 'evtchn.bind_interdomain', ...w, remote, remotePort };
  },
  'evtchn.bind_virq': (_h, _d, w, [a, b]) => ({
    type: 'evtchn.bind_virq',
    ...w,
    virq: a % 25,
    target: b % 3,
  }),
  'evtchn.bind_pirq': (_h, _d, w, [a]) => ({ type: 'evtchn.bind_pirq', ...w, pirq: 15 + (a % 3) }),
  'evtchn.bind_ipi': (_h, _d, w, [a]) => ({ type: 'evtchn.bind_ipi', ...w, target: a % 3 }),
  'evtchn.bind_vcpu': (_h, d, w, [a, b]) => ({
    type: 'evtchn.bind_vcpu',
    ...w,
    port: channelOf(d, a),
    target: b % 3,
  }),
  'evtchn.close': (_h, d, w, [a]) => ({ type: 'evtchn.close', ...w, port: channelOf(d, a) }),
  'evtchn.send': (_h, d, w, [a]) => ({ type: 'evtchn.send', ...w, port: channelOf(d, a) }),
  'evtchn.unmask': (_h, d, w, [a]) => ({ type: 'evtchn.unmask', ...w, port: channelOf(d, a) }),
  'evtchn.set_priority': (_h, d, w, [a, b]) => ({
    type: 'evtchn.set_priority',
    ...w,
    port: channelOf(d, a),
    priority: b % 17,
  }),
  'guest.mask': (_h, d, w, [a]) => ({ type: 'guest.mask', ...w, port: channelOf(d, a) }),
  'guest.upcall': (_h, _d, w) => ({ type: 'guest.upcall', ...w }),
  'evtchn.reset': (h, d, w, [a, b]) => ({
    type: 'evtchn.reset',
    ...w,
    target: a % 2 === 0 ? d.domid : pick(numericKeys(h.xen.domains), a, 0),
    ports: b % 2 === 0 ? null : b % 6,
  }),
  'evtchn.reset-continue': (_h, _d, w, [a]) => ({
    type: 'evtchn.reset-continue',
    ...w,
    ports: a % 2 === 0 ? null : a % 6,
  }),
  'evtchn.init_control': (h, d, w, [a, b]) => ({
    type: 'evtchn.init_control',
    ...w,
    target: b % 3,
    gfn: pageOf(h, d, a),
    offset: (b % 3) * 8,
  }),
  'evtchn.expand_array': (h, d, w, [a]) => ({
    type: 'evtchn.expand_array',
    ...w,
    gfn: pageOf(h, d, a),
  }),
} satisfies Partial<Makers>;
