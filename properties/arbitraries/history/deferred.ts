/** Emulation, and work that Xen has put off. */
import { numericKeys } from '../../../src/host/codec.ts';
import { emulated, type Makers, pick } from './choices.ts';

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
    domid: emulated(h, a >> 4),
    server: a % 2,
    vcpu: b % 2,
  }),
  'emulator.respond': (h, _d, _w, [a, b]) => ({
    type: 'emulator.respond',
    domid: emulated(h, a >> 4),
    server: a % 2,
    vcpu: b % 2,
  }),
  'vcpu.complete-io': (h, _d, _w, [a]) => ({
    type: 'vcpu.complete-io',
    domid: emulated(h, a >> 4),
    vcpu: a % 2,
  }),
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
} satisfies Partial<Makers>;
