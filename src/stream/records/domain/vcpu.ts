import { list, nullable, struct } from '../../schema/composites.ts';
import { bool, flags, u8, u16, u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { mfn, placement, port, vcpuId } from '../fields.ts';

export const VCPU = defineRecord({
  name: 'VCPU',
  scope: 'domain',
  presence: 'per-vcpu',
  doc: {
    what:
      'One vCPU: whether it was initialised, what lastingly keeps it from running, the tool ' +
      "stack's pauses, its registers, the frames in cr3 and of the descriptor tables, the ports " +
      'that it polls, where its vcpu_info and runstate area are, the vector to be injected.',
    why:
      'It goes on at its instruction, which may be a hypercall to be entered again. There is no ' +
      'request in flight: the save waits until there is none.',
    sources: ['F2.4', 'F2.17', 'F2.19', 'F2.22', 'F3.1', 'F8.5', 'F10.7', 'F10.11', 'I2.2'],
  },
  schema: struct({
    vcpu: vcpuId,
    initialised: bool,
    paused: flags({ blocked: 0, down: 1, in_reset: 2, parked: 3 }),
    controllerPauseCount: u16,
    pausedForShutdown: bool,
    registers: struct({
      rip: u64,
      rax: u64,
      rdi: u64,
      rsi: u64,
      rdx: u64,
      r10: u64,
      r8: u64,
      atHypercall: bool,
    }),
    guestTable: nullable(mfn),
    guestTableUser: nullable(mfn),
    gdtFrames: list(mfn),
    pollPorts: list(port),
    vcpuInfo: nullable(placement),
    runstateArea: nullable(u64),
    injectVector: nullable(u8),
  }),
  needs: ['PAGES', 'XENHEAP'],
  follows: ['P2M', 'HVM_PARAMS', 'EVTCHN_PORTS'],
  orderSources: ['section 11 rules 5, 6, 9, 10 and 15'],
});
