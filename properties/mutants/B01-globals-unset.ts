import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { mutant } from '../mutant.ts';

export default mutant({
  id: 'B01',
  title: 'Globals unset, because the start after an update is short',
  says:
    'The code that sets system-wide state is skipped when Xen starts after an update, since "the ' +
    'stream has it": who handles which VIRQ is forgotten.',
  source: 'museum 1: xen ebf99a1627 (xenstored, 2026)',
  kills: ['VER-1'],
  start: () => ({ host: mixedHost() }),
  events: [],
  order: 'fair',
  actions: { restoreSystem: (u) => u },
});
