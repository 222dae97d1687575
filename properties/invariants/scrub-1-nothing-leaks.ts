import { FLAG } from '../../src/host/frame-table.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName } from '../support/names.ts';

const STATE = FLAG.free | FLAG.needScrub;

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  const [was, is] = [saved.xen.frames.flags, after.xen.frames.flags];
  for (let f = 0; f < is.length; f++) {
    if (((is[f] as number) & STATE) !== FLAG.free) continue;
    a.count();
    const before = was[f] ?? 0;
    if ((before & STATE) !== FLAG.free)
      a.offend(
        () => frameName(f),
        (before & FLAG.free) === 0
          ? 'was in use at the save, and is free and taken for clean'
          : 'waited to be scrubbed, and is taken for clean',
      );
  }
  // A host all of whose free pages are to be scrubbed has nothing to compare, and holds.
  a.count();
  return a.verdict();
};

export default invariant({
  id: 'SCRUB-1',
  title: 'No free page keeps what somebody left in it',
  says:
    'A page that is free and taken for clean after the update was so at the save: neither in ' +
    'use nor waiting to be scrubbed.',
  why:
    'xen#2 does not know what free pages hold, and hands clean ones out as they are: a guest ' +
    'would read what another, or Xen, has left (F8.14).',
  sources: ['F8.14', 'R6'],
  update: compare,
});
