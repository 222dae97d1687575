import { text } from '../../schema/bulk.ts';
import { nullable, struct } from '../../schema/composites.ts';
import { u8, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const KEXEC_CRASH = defineRecord({
  name: 'KEXEC_CRASH',
  scope: 'global',
  presence: 'optional',
  doc: {
    what: 'The image in the crash slot: its command line and, when it is a Xen, which one.',
    why:
      'A host that was ready to dump after a crash stays so. No domain depends on it, so ' +
      'a Xen that does not know the record may pass over it.',
    sources: ['F1.11', 'F13.7'],
  },
  schema: struct({
    commandLine: text(4096),
    build: nullable(
      struct({
        version: text(64),
        imageFrames: u32,
        gnttabMaxVersion: u8,
        gnttabMaxFrames: u32,
        gnttabMaxMaptrackFrames: u32,
      }),
    ),
  }),
});
