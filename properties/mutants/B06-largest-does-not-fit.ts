import { domainAt } from '../../src/host/build/draft.ts';
import { note, saveDomain } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

/** Bytes of the buffer for a name. */
const NAME_BYTES = 64;

export default mutant({
  id: 'B06',
  title: 'A name of the greatest length cannot be saved',
  says:
    'The buffer for a name has no room for the end mark: a domain whose name is as long as names ' +
    'may be cannot be saved, and the host cannot be updated as long as it is there.',
  source: 'museum 6: xen c85610a322 (node path of maximal length)',
  kills: ['LIM-1'],
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      domainAt(draft, 1).domain.name = 'n'.repeat(NAME_BYTES);
    }),
  }),
  events: [],
  order: 'fair',
  actions: {
    saveDomain: (u, e) => {
      if (e.type !== 'lu.save.domain') return u;
      const name = u.host?.xen.domains[e.domid]?.name ?? '';
      return name.length >= NAME_BYTES
        ? note(
            u,
            `d${e.domid}: the name cannot be written: ${name.length + 1} of ${NAME_BYTES} bytes`,
          )
        : saveDomain(u, e.domid);
    },
  },
});
