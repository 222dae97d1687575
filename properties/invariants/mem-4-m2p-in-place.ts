import { DOMID_XEN } from '../../src/host/constants.ts';
import { ownerOf } from '../../src/host/frame-table.ts';
import { framesOf } from '../../src/host/ranges.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName, hex, ownerName } from '../support/names.ts';

export default invariant({
  id: 'MEM-4',
  title: 'The M2P stays in its frames',
  says: 'The frames of the M2P are the same after an update, and DOMID_XEN owns them.',
  why:
    'Privileged guests have them mapped by machine number (F8.15); at any other place Xen would ' +
    'update a table that they do not see.',
  sources: ['MEM-4', 'R42', 'F8.15', 'S35'],
  update: ({ before, after }) => {
    const a = new Audit();
    const [was, is] = [before.hardware.m2p.frames, after.hardware.m2p.frames];
    if (was.start !== is.start || was.count !== is.count)
      a.offend(
        'M2P',
        `${was.count} frames at ${hex(was.start)} -> ${is.count} at ${hex(is.start)}`,
      );
    for (const f of framesOf([was])) {
      a.count();
      const owner = ownerOf(after.xen.frames, f);
      if (owner !== DOMID_XEN) a.offend(frameName(f), `of the M2P, owned by ${ownerName(owner)}`);
    }
    return a.verdict();
  },
});
