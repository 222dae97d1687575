import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X28',
  title: 'An injection that was about to happen',
  says: 'A vector waits to be injected when the vCPU next enters the guest. On hardware without posted interrupts only xen#1 knows of it.',
  derived: true,
  sources: ['R35', 'R51', 'F10.11'],
  drop: ['R35'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      vcpuAt(domainAt(draft, 1), 0).injectVector = 0x30;
    }),
  }),
  events: [],
  order: 'fair',
});
