/** vCPUs, their timers, and scheduling. */
import { numericKeys } from '../../../src/host/codec.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { channelOf, framesOf, type Makers, ofType, pageOf, pick } from './choices.ts';

export const vcpuMakers = {
  'vcpu.initialise': (h, d, w, [a, b]) => ({
    type: 'vcpu.initialise',
    ...w,
    target: a % 3,
    cr3: pick(framesOf(h, d.domid, ofType(PGT.l4)), b, 1),
  }),
  'vcpu.up': (_h, _d, w, [a]) => ({ type: 'vcpu.up', ...w, target: a % 3 }),
  'vcpu.down': (_h, d, w, [a]) => ({ type: 'vcpu.down', ...w, target: d.domid === 0 ? 1 : a % 3 }),
  'vcpu.register_vcpu_info': (h, d, w, [a, b]) => ({
    type: 'vcpu.register_vcpu_info',
    ...w,
    target: b % 2 === 0 ? w.vcpu : b % 3,
    gfn: pageOf(h, d, a),
    offset: (b % 4) * 64,
  }),
  'vcpu.register_runstate': (_h, _d, w, [a]) => ({
    type: 'vcpu.register_runstate',
    ...w,
    target: a % 3,
    addr: a,
  }),
  'vcpu.set_singleshot_timer': (h, _d, w, [a]) => ({
    type: 'vcpu.set_singleshot_timer',
    ...w,
    timeout: h.xen.now + (a % 5) * 1000,
    future: a % 2 === 0,
  }),
  'vcpu.stop_singleshot_timer': (_h, _d, w) => ({ type: 'vcpu.stop_singleshot_timer', ...w }),
  'vcpu.set_periodic_timer': (_h, _d, w, [a]) => ({
    type: 'vcpu.set_periodic_timer',
    ...w,
    period: a * 100_000,
  }),
  'vcpu.stop_periodic_timer': (_h, _d, w) => ({ type: 'vcpu.stop_periodic_timer', ...w }),
  'timer.fires': (_h, _d, w) => ({ type: 'timer.fires', ...w }),
  'time.passes': (_h, _d, _w, [a]) => ({ type: 'time.passes', ns: 1 + a * 1000 }),
  'sched.yield': (_h, _d, w) => ({ type: 'sched.yield', ...w }),
  'sched.block': (_h, _d, w) => ({ type: 'sched.block', ...w }),
  'sched.poll': (_h, d, w, [a, b]) => ({
    type: 'sched.poll',
    ...w,
    ports: [channelOf(d, a), channelOf(d, b)],
  }),
  'sched.shutdown': (_h, _d, w, [a]) => ({ type: 'sched.shutdown', ...w, reason: a % 7 }),
  'sched.shutdown_code': (_h, _d, w, [a]) => ({ type: 'sched.shutdown_code', ...w, reason: a % 7 }),
  'sched.remote_shutdown': (h, _d, w, [a, b]) => ({
    type: 'sched.remote_shutdown',
    ...w,
    target: pick(numericKeys(h.xen.domains), a, 0),
    reason: b % 7,
  }),
} satisfies Partial<Makers>;
