import { domainAt } from '../../src/host/build/draft.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X56',
  derived: true,
  title: 'A foreign mapping that xen#2 gives no right to',
  says: 'xen#2 boots with a security policy of its own, under which a guest may not have the page of another one that it has mapped under xen#1. Nobody asked before the jump, and there is no recovery behind it.',
  sources: ['Q9', 'R9', 'R43', 'F8.20'],
  drop: ['R9.refuse'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv', 'hvm'], (draft) => {
      mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[10] as number);
    }),
    commandLine: 'flask=enforcing',
  }),
  events: [],
  order: 'fair',
});
