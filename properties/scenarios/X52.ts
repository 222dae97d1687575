import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X52',
  title: 'Types before owners',
  says: 'The pinned tables of a guest are validated before its pages are its own. The first reference is to a page of nobody.',
  derived: true,
  sources: ['R36', 'F1.16', 'section 11 rule 7'],
  drop: ['R36.2'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
