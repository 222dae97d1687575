import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S64',
  title: 'A hypervisor stack on a wait queue',
  says: 'A vCPU waits for a monitor, its stack parked in xen#1. Nothing of that is in the stream: after the update nobody wakes it, or nobody knows that it waited.',
  sources: ['S64', 'F3.18'],
  drop: ['F3.18.wait'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      const v = vcpuAt(domainAt(draft, 1), 0);
      v.onWaitQueue = true;
      v.pauseCount++;
    }),
  }),
  events: [],
  order: 'fair',
});
