import { bindVirq } from '../../src/host/build/events.ts';
import { startDying } from '../../src/host/build/lifecycle.ts';
import { VIRQ } from '../../src/host/constants.ts';
import { sendGlobalVirq } from '../../src/hypercalls/event-channel/virq.ts';
import { Transaction } from '../../src/hypercalls/transaction.ts';
import { look } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B05',
  title: 'The end of a domain is told before it has come',
  says:
    'When quiescing finds a domain that is dying, VIRQ_DOM_EXC is raised at once. The tool stack ' +
    'looks, finds it alive, and is not told again in time: a zombie stays.',
  source: 'museum 5: xen 98f60e5de0 (early @releaseDomain)',
  kills: ['EVT-2'],
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindVirq(draft, 0, VIRQ.DOM_EXC);
      startDying(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
  actions: {
    look: (u) => {
      const seen = look(u);
      if (u.host === null || u.obstacles.length > 0) return seen;
      if (!seen.obstacles.some((o) => o.progress?.type === 'domain.kill')) return seen;
      const tx = new Transaction(u.host, { version: u.from, design: u.design });
      sendGlobalVirq(tx, VIRQ.DOM_EXC);
      return { ...seen, host: tx.commit() };
    },
  },
});
