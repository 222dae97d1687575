import { addTraceBuffers, setVirqHandler } from '../../src/host/build/system.ts';
import { VIRQ } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X51',
  title: 'System-wide state that no domain has',
  says: 'A guest was made the handler of a global VIRQ, xentrace has its buffers mapped. Neither belongs to a domain, so a save of domains alone loses both.',
  derived: true,
  sources: ['R16', 'F6.14', 'section 11 rule 19'],
  drop: ['R16'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      setVirqHandler(draft, VIRQ.CON_RING, 1);
      addTraceBuffers(draft, 2);
    }),
  }),
  events: [],
  order: 'fair',
});
