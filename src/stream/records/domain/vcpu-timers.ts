import { nullable, struct } from '../../schema/composites.ts';
import { u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { vcpuId } from '../fields.ts';

export const VCPU_TIMERS = defineRecord({
  name: 'VCPU_TIMERS',
  scope: 'domain',
  presence: 'per-vcpu',
  doc: {
    what: "A vCPU's timers in nanoseconds of system time; none where it has none armed.",
    why: 'A guest that sleeps until its timer would sleep for ever.',
    sources: ['F10.7', 'F10.12', 'section 11 rule 18'],
  },
  schema: struct({
    vcpu: vcpuId,
    singleshot: nullable(struct({ timeout: u64 })),
    periodic: nullable(struct({ period: u64, lastEvent: u64 })),
  }),
  needs: ['VCPU'],
  orderSources: ['section 11 rule 18'],
});
