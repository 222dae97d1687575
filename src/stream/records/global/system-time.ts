import { struct } from '../../schema/composites.ts';
import { u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const SYSTEM_TIME = defineRecord({
  name: 'SYSTEM_TIME',
  scope: 'global',
  presence: 'optional',
  doc: {
    what:
      "xen#1's system time at the save and the platform clock at the same moment, in " +
      'nanoseconds. Every other time in the stream is in this system time.',
    why: 'System time starts anew with each Xen; guests would see their clock go back.',
    sources: ['F10.12', 'F10.13', 'section 11 rule 18'],
  },
  schema: struct({ now: u64, platformTime: u64 }),
});
