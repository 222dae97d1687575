import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X41',
  title: 'vCPUs before their P2M',
  says: 'vCPUs are made in pass 0b and the P2M is set in 0c. An HVM vCPU needs the one to be there, and its creation fails.',
  derived: true,
  sources: ['R37', 'section 11 rule 5'],
  drop: ['R37'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf(['hvm']) }),
  events: [],
  order: 'fair',
});
