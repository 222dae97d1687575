import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X2',
  title: 'A destroyed domain that RCU has not freed',
  says: 'The last reference of a destroyed guest is gone, its callback waits for a grace period. xen#1 ends first: the word that the domain is gone, VIRQ_DOM_EXC of the callback, is never sent.',
  derived: true,
  sources: ['F2.15', 'F3.17'],
  drop: ['F3.17.rcu'],
  violates: 'DEFER-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [
    { type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 },
    { type: 'domain.kill', domid: 1 },
  ],
  order: 'fair',
});
