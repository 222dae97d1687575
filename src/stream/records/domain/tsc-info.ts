import { padded, struct } from '../../schema/composites.ts';
import { i64, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const X86_TSC_INFO = defineRecord({
  name: 'X86_TSC_INFO',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      "As in libxc's stream: mode, frequency in kHz, nanoseconds that the guest's TSC has " +
      'run at the moment that SYSTEM_TIME gives, incarnation.',
    why: 'A guest whose TSC is emulated would see it jump.',
    sources: ['F10.3', 'F10.6', 'F10.12'],
  },
  schema: struct({ mode: u32, khz: u32, nsec: i64, incarnation: padded(u32, 4) }),
  needs: ['DOMAIN'],
});
