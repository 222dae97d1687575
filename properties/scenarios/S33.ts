import { domainAt } from '../../src/host/build/draft.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S33',
  title: 'A teardown that goes on in the wrong phase',
  says:
    'dom0 destroys a PVH domain that has a page of another one mapped. How far that came is ' +
    'carried as xen#1’s number for the phase. A Xen with another order takes it for a later ' +
    'phase: the P2M is passed over, and the foreign entry keeps its reference for ever. (From ' +
    '4.15 to a newer one the number names an earlier phase, and phases can be repeated.)',
  sources: ['S33', 'Q3', 'F2.9', 'F2.10', 'F3.9', 'F8.20'],
  // The domctl of dom0 would have to be finished in xen#1 by that rule (F3.9).
  drop: ['R9.refuse'],
  policy: { Q3: 'exact' },
  violates: 'KILL-1',
  start: () => ({
    host: hostOf(
      ['pvh', 'pv'],
      (draft) => {
        mapForeignGfn(draft, domainAt(draft, 1), domainAt(draft, 2).pages[10] as number);
      },
      { version: '4.20' },
    ),
    to: '4.17',
  }),
  events: [
    { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 },
    { type: 'domain.kill', domid: 1 },
  ],
  order: 'fair',
});
