import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B13',
  title: 'Nothing ever waits long enough to be given up',
  says:
    'Whether an obstacle has stood for too long is computed the wrong way round and is never so: ' +
    'the update neither happens nor is refused.',
  source: 'museum 13: xen 5d16679ab0 (subtraction reversed)',
  beyond: 'There is no clock in the model: "too long" is "nothing will take it away".',
  kills: ['LIVE-1'],
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      const v = vcpuAt(domainAt(draft, 1), 0);
      v.onWaitQueue = true;
      v.pauseCount++;
    }),
  }),
  events: [],
  order: 'fair',
  guards: { isHopeless: () => false },
});
