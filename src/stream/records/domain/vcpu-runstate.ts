import { list, struct } from '../../schema/composites.ts';
import { u8, u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { vcpuId } from '../fields.ts';

export const VCPU_RUNSTATE = defineRecord({
  name: 'VCPU_RUNSTATE',
  scope: 'domain',
  presence: 'per-vcpu',
  doc: {
    what:
      'RUNSTATE_* of a vCPU (public/vcpu.h), the system time since when, and the nanoseconds ' +
      'spent in each state.',
    why: 'Guests account stolen time by it and expect it never to go back.',
    sources: ['F10.7', 'F10.12', 'section 11 rule 18'],
  },
  schema: struct({ vcpu: vcpuId, state: u8, entryTime: u64, time: list(u64) }),
  needs: ['VCPU'],
  orderSources: ['section 11 rule 18'],
});
