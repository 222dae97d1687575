import { addDomain } from '../../src/host/build/domain.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X11',
  title: 'vCPUs out of their order',
  says: 'vcpu_create() takes ids in ascending order and without gaps. A restore that makes them as they come to hand is refused the first.',
  derived: true,
  sources: ['F2.4', 'section 11 rule 6'],
  drop: ['F2.4.order'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf([], (draft) => {
      addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
    }),
  }),
  events: [],
  order: 'fair',
});
