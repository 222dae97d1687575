import { domainAt } from '../../src/host/build/draft.ts';
import { isQuiescent, look } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { crashed } from '../support/tamper.ts';

/** Ranges that fit on the stack. */
const MAX_RANGES = 32;

export default mutant({
  id: 'B12',
  title: 'Permissions overflow the stack',
  says:
    'Each range that a domain may reach takes a frame of the stack when the records are sized. A ' +
    'domain with many of them takes xen#1 down, before anything is saved.',
  source: 'museum 12: xen 7e71b1e0af (stack overflow while permissions are dumped)',
  kills: ['R5'],
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      domainAt(draft, 1).domain.ioports = Array.from({ length: 2 * MAX_RANGES }, (_, i) => [
        16 * i,
        16 * i + 7,
      ]);
    }),
  }),
  events: [],
  order: 'fair',
  actions: {
    look: (u) => {
      const seen = look(u);
      const deep = Object.values(u.host?.xen.domains ?? {}).find(
        (d) => d.ioports.length > MAX_RANGES,
      );
      return deep !== undefined && isQuiescent(seen)
        ? crashed(seen, `stack overflow at the permissions of d${deep.domid}`)
        : seen;
    },
  },
});
