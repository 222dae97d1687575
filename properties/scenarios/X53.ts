import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X53',
  title: 'A save while guests run',
  says: 'The save begins without a pause. A guest goes on between two records, and the stream holds two moments.',
  derived: true,
  sources: ['R2', 'R4'],
  drop: ['R2'],
  violates: 'RUN-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
