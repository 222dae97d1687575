import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S59',
  title: 'A timer on the clock of xen#1',
  says: 'A singleshot timer is stored as an absolute time of xen#1. NOW() of xen#2 begins near 0, so the timer fires as much too late as xen#1 had been running.',
  sources: ['S59', 'F10.12'],
  drop: ['F10.12.time'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      vcpuAt(domainAt(draft, 1), 0).timers.singleshot = { timeout: draft.xen.now + 5_000_000 };
    }),
  }),
  events: [],
  order: 'fair',
});
