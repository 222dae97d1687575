/** Emulation, and work that Xen has put off. */
import { numericEntries, numericKeys } from '../../../src/host/codec.ts';
import { IOREQ } from '../../../src/host/constants.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import type { Host } from '../../../src/host/host.ts';
import { channelOf, emulated, type Makers, pageOf, pick } from './choices.ts';
import { bufferOf } from './memory.ts';

/** Where a request stands that is in this state; any place, if none is. */
const requestIn = (h: Host, state: number, a: number, b: number) => {
  const found = numericEntries(h.xen.domains).flatMap(([domid, d]) =>
    numericEntries(d.ioreqServers).flatMap(([server, s]) => {
      const page = s.ioreqPage === null ? null : contentOf(h.hardware, s.ioreqPage, 'ioreq');
      return numericEntries(page?.slots ?? {}).flatMap(([vcpu, slot]) =>
        slot.state === state ? [{ domid, server, vcpu }] : [],
      );
    }),
  );
  return pick(found, a, { domid: emulated(h, a >> 4), server: a % 2, vcpu: b % 2 });
};

export const deferredMakers = {
  'ioreq.create': (h, _d, w, [a, b]) => ({
    type: 'ioreq.create',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    buffered: b % 2 === 0,
  }),
  'ioreq.set_state': (h, _d, w, [a, b]) => ({
    type: 'ioreq.set_state',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: emulated(h, a >> 4),
    server: a % 3,
    enabled: b % 3 !== 0,
  }),
  'ioreq.map_range': (h, _d, w, [a, b]) => ({
    type: 'ioreq.map_range',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: emulated(h, a >> 4),
    server: a % 3,
    kind: pick([0, 1, 2] as const, b, 0),
    first: a,
    last: 4 + a,
  }),
  'ioreq.destroy': (h, _d, w, [a]) => ({
    type: 'ioreq.destroy',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: emulated(h, a >> 4),
    server: a % 3,
  }),
  'ioreq.send': (h, _d, _w, [a, b]) => ({
    type: 'ioreq.send',
    domid: emulated(h, a >> 4),
    vcpu: b % 2,
    server: a % 2,
    addr: 0x60 + (b % 4),
    write: b % 2 === 0,
  }),
  'emulator.take': (h, _d, _w, [a, b]) => ({
    type: 'emulator.take',
    ...requestIn(h, IOREQ.READY, a, b),
  }),
  'emulator.respond': (h, _d, _w, [a, b]) => ({
    type: 'emulator.respond',
    ...requestIn(h, IOREQ.INPROCESS, a, b),
  }),
  'vcpu.complete-io': (h, _d, _w, [a, b]) => {
    const { domid, vcpu } = requestIn(h, IOREQ.RESP_READY, a, b);
    return { type: 'vcpu.complete-io', domid, vcpu };
  },
  'tasklet.run': (h, _d, _w, [a]) => ({
    type: 'tasklet.run',
    id: pick(
      h.xen.system.tasklets.map((k) => k.id),
      a,
      0,
    ),
  }),
  'rcu.run': () => ({ type: 'rcu.run' }),
  'hypercall.finish': (_h, _d, w) => ({ type: 'hypercall.finish', ...w }),
  'hypercall.reenter': (_h, _d, w) => ({ type: 'hypercall.reenter', ...w }),
  multicall: (h, d, w, [a, b, c, n]) => ({
    type: 'multicall',
    ...w,
    at: pageOf(h, d, n),
    calls: [
      { op: 'send', port: channelOf(d, a) } as const,
      { op: 'decrease_reservation', ...bufferOf(h, d, b, c) } as const,
      { op: 'send', port: channelOf(d, c) } as const,
    ],
    done: a % 4 === 0 ? b % 3 : null,
    inside: c % 2,
  }),
} satisfies Partial<Makers>;
