import { domainAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X22',
  title: 'An HVM guest without its parameters',
  says: 'Where the store page is, by which vector events come, which pages the emulator has: all of it is in the HVM parameters.',
  derived: true,
  sources: ['F10.5', 'section 11 rule 15'],
  drop: ['F10.5.params'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      domainAt(draft, 1).domain.hvmParams[0] = 0xf3;
    }),
  }),
  events: [],
  order: 'fair',
});
