import { addDomain } from '../../src/host/build/domain.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X6',
  title: 'A larger image that grows upwards',
  says: 'xen#2 begins where xen#1 began. It is larger by 2 MiB, and what lies above xen#1 belongs to a guest.',
  derived: true,
  sources: ['R28', 'R41', 'Q10', 'Q11'],
  drop: ['R28', 'R44'],
  violates: 'I8.4',
  start: () => ({
    host: hostOf(
      [],
      (draft) => {
        draft.cursor = 2100;
        addDomain(draft, { type: 'pv', pages: 16 });
      },
      { ramFrames: 2560, imageStart: 1536, bootmemFrames: 1024 },
    ),
    image: { imageFrames: 1024 },
  }),
  events: [],
  order: 'fair',
});
