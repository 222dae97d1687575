import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X44',
  title: 'shared_info somewhere else',
  says: 'A PV guest knows shared_info by its machine frame, from start_info. In another frame Xen writes pending bits that the guest does not read.',
  derived: true,
  sources: ['F8.13', 'F7.9', 'R27'],
  drop: ['F8.13.mfn'],
  violates: 'I8.1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
