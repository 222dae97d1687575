import { domainAt } from '../../src/host/build/draft.ts';
import { mapFrame } from '../../src/host/build/page-tables.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S35',
  title: 'An M2P that xen#2 built somewhere else',
  says: 'dom0 has the frames of the M2P mapped. xen#2 makes its own elsewhere: what dom0 reads there is memory that nobody keeps, and machine frames that it writes from it are wrong.',
  sources: ['S35', 'R42', 'F8.15'],
  drop: ['R42'],
  violates: 'MEM-4',
  start: () => ({
    host: hostOf([], (draft) => {
      mapFrame(draft, domainAt(draft, 0), draft.hardware.m2p.frames.start, { rw: false });
    }),
  }),
  events: [],
  order: 'fair',
});
