import { domainAt } from '../../src/host/build/draft.ts';
import { assignPage } from '../../src/host/build/memory.ts';
import { FLAG, setFlag } from '../../src/host/frame-table.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S63',
  title: 'A mandatory record that an older Xen cannot read',
  says: 'A rollback to 4.11. The guest has a page of the kind PGC_extra, which 4.11 does not know: it must not go on, and after the hand-over that is a crash.',
  sources: ['S63', 'R9', 'R44', 'Q7', 'F8.2', 'F10.3'],
  drop: ['R9.refuse'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const frame = assignPage(draft, domainAt(draft, 1), 16);
      setFlag(draft.frames, frame, FLAG.extra);
    }),
    to: '4.11',
  }),
  events: [],
  order: 'fair',
});
