import { addDomain } from '../../src/host/build/domain.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S24',
  title: 'xen#2 takes memory that only looks free',
  says: 'xen#2 allocates before it has read the stream, from RAM that the firmware calls usable: a page of a guest is overwritten.',
  sources: ['S24', 'R26', 'R55'],
  drop: ['R26', 'R44'],
  violates: 'I8.4',
  start: () => ({
    host: hostOf(
      [],
      (draft) => {
        // Where a guest has memory at the top of RAM.
        draft.cursor = 1600;
        addDomain(draft, { type: 'pv', pages: 16 });
      },
      { ramFrames: 1664 },
    ),
  }),
  events: [],
  order: 'fair',
});
