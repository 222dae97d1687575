import { DOMID_FIRST_RESERVED } from '../../src/host/constants.ts';
import type { FrameTable } from '../../src/host/frame-table.ts';
import { invariant, type Watcher } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { frameName, ownerName } from '../support/names.ts';

/** Once xen#2 has given a page to a domain, no later step of the restore gives it to another. */
const watch = (): Watcher => {
  const a = new Audit();
  let last: FrameTable['owner'] | null = null;
  return {
    see: ({ type, host, phase }) => {
      if (phase !== 'restoring') return;
      // A step that changes owners works on a copy: the same table is the same content.
      const { owner } = host.xen.frames;
      if (last !== null && last !== owner && last.length === owner.length)
        for (let f = 0; f < owner.length; f++) {
          const [was, is] = [last[f] as number, owner[f] as number];
          if (was < DOMID_FIRST_RESERVED) {
            a.count();
            if (was !== is)
              a.offend(frameName(f), `${ownerName(was)} -> ${ownerName(is)} at ${type}`);
          }
        }
      last = owner;
    },
    verdict: () => a.verdict(),
  };
};

export default invariant({
  id: 'MEM-3',
  title: 'A preserved page is restored once',
  says: 'A page that xen#2 has given to a domain is not given to another one while it restores.',
  why:
    'Two records that name one page make two domains share it: what one writes the other reads, ' +
    'and the first to end frees it under the other.',
  sources: ['MEM-3', 'R22', 'R38', 'I8.1'],
  afterCrash: true,
  watch,
});
