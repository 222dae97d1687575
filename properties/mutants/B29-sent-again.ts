import { sendIoreq } from '../../src/host/build/ioreq.ts';
import { IOREQ } from '../../src/host/constants.ts';
import { look, restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { emulatedGuest } from '../support/scenes.ts';
import { changeContent } from '../support/tamper.ts';

export default mutant({
  id: 'B29',
  title: 'A write is sent again while the first is under way',
  says:
    'In place of waiting for the emulator, xen#2 sends requests in flight again. The emulator in ' +
    'dom0 still has the first one: both reach the disk, in either order.',
  source: 'museum 29: openvmm PR 210, review (reissued write races the original)',
  kills: ['I9.2'],
  start: () => ({ host: emulatedGuest((draft) => sendIoreq(draft, 1, 0, 0, IOREQ.INPROCESS)) }),
  events: [{ type: 'lu.park', domid: 1 }],
  order: 'fair',
  actions: {
    look: (u) => ({ ...look(u), obstacles: [] }),
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      const page = done.restoring?.xen.domains[1]?.ioreqServers[0]?.ioreqPage;
      if (e.type !== 'restore.2' || e.domid !== 1 || page == null) return done;
      return changeContent(done, page, (c) =>
        c.kind === 'ioreq'
          ? {
              ...c,
              slots: { 0: { ...(c.slots[0] as (typeof c.slots)[number]), state: IOREQ.READY } },
            }
          : c,
      );
    },
  },
  guards: {
    mayPark: (u, e) =>
      e.type === 'lu.park' && u.host?.xen.domains[e.domid]?.pausers.includes('lu') === false,
  },
});
