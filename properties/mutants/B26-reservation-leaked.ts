import { domainAt } from '../../src/host/build/draft.ts';
import { addXenShare } from '../../src/host/build/system.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import { framesOf } from '../../src/host/ranges.ts';
import { giveBack } from '../../src/liveupdate/alloc.ts';
import { hostOf as hostOfUpdate, settle } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B26',
  title: 'What was kept free for the next update is not',
  says:
    'The list of what is reserved goes with the first update and is not made again: bootmem is ' +
    'free memory, a guest gets a page of it, and the second update boots over that page.',
  source: 'museum 26: linux 77ce1b4cd08f (bitmap of preserved memory leaked)',
  kills: ['MEM-2'],
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      // Below bootmem no frame is free, and one more page is all that d1 may have.
      while (addXenShare(draft, 1, 'ballast') < draft.xen.bootmem.start - 1);
      domainAt(draft, 1).domain.maxPages = 17;
    }),
  }),
  events: [{ type: 'memory.increase_reservation', domid: 1, vcpu: 0 }],
  order: 'fair',
  updates: 2,
  actions: {
    settle: (u) => {
      const settled = settle(u);
      const host = hostOfUpdate(settled);
      const { flags } = host.xen.frames;
      const free = [...framesOf([host.xen.bootmem])].filter(
        (f) => flags[f] === FLAG.reserved || flags[f] === 0,
      );
      return { ...settled, host: giveBack(host, free) };
    },
  },
});
