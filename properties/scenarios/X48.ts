import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X48',
  title: 'Runstate times that begin anew',
  says: 'A guest reads how long its vCPU ran and waited, and takes differences. Times that go back make them negative.',
  derived: true,
  sources: ['F10.7', 'F10.12'],
  drop: ['F10.12.runstate'],
  violates: 'VER-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
