import { scenario } from '../scenario.ts';
import { hostOf, resetsOf, withPorts } from '../support/scenes.ts';

export default scenario({
  id: 'S14',
  title: 'A cursor that nobody goes on with',
  says: 'next_evtchn is carried and the call rewritten to a fresh reset, which is refused because one is in progress; nobody resumes that one, so every later reset is refused as well.',
  sources: ['S14', 'Q4', 'F5.3', 'F5.6'],
  policy: { Q4: 'cursor-only' },
  violates: 'LIVE-2',
  start: () => ({ host: hostOf(['pv'], withPorts) }),
  events: resetsOf(1),
  order: 'fair',
});
