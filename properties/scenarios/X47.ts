import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X47',
  title: 'A timer that never fires',
  says: 'The singleshot timer of a guest is in no record. A guest that sleeps until it fires sleeps on.',
  derived: true,
  sources: ['F10.7', 'F10.12'],
  drop: ['F10.12.timers'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      vcpuAt(domainAt(draft, 1), 0).timers.singleshot = { timeout: draft.xen.now + 1_000_000 };
    }),
  }),
  events: [],
  order: 'fair',
});
