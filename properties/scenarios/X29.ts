import { addDomain } from '../../src/host/build/domain.ts';
import { vcpuAt } from '../../src/host/build/draft.ts';
import { VPF } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X29',
  title: 'A vCPU that was down comes up',
  says: 'A guest has taken its second vCPU down. Whether a vCPU is down is nowhere but in its pause flags; set up again without them it runs, with registers of long ago.',
  derived: true,
  sources: ['F2.17', 'F10.9'],
  drop: ['F2.17.flags'],
  violates: 'RUN-1',
  start: () => ({
    host: hostOf([], (draft) => {
      const d = addDomain(draft, { type: 'pv', pages: 16, vcpus: 2 });
      vcpuAt(d, 1).pauseFlags = VPF.down;
    }),
  }),
  events: [],
  order: 'fair',
});
