import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { framesOf } from '../../src/host/ranges.ts';
import { takeFrames } from '../../src/liveupdate/alloc.ts';
import { hostOf, verifyNow } from '../../src/liveupdate/update.ts';
import { withHost } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';

export default mutant({
  id: 'M-MEM-5',
  title: 'The pages of the stream are not given back',
  says: 'xen#2 has read the stream, and keeps its pages for itself for ever.',
  source: 'made up for MEM-5',
  kills: ['MEM-5'],
  start: () => ({ host: mixedHost() }),
  events: [],
  order: 'fair',
  actions: {
    verify: (u) => {
      const verified = verifyNow(u);
      const stream = framesOf(u.restoring?.streamFrames ?? []);
      return withHost(verified, takeFrames(hostOf(verified), stream));
    },
  },
});
