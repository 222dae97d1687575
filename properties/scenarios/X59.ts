import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X59',
  title: 'A domctl issued again, across a change of its interface',
  says: 'dom0 was to pause a guest, and another CPU was in a domctl: nothing is done, and the same call is issued again. After the update it gets -EACCES, and the guest runs on.',
  derived: true,
  sources: ['F3.4', 'F3.9', 'R21', 'I3.2'],
  drop: ['R9.refuse'],
  violates: 'I3.2',
  start: () => ({ host: hostOf(['pv'], () => undefined, { version: '4.14' }), to: '4.15' }),
  events: [{ type: 'domctl.contended', caller: 0, vcpu: 0, domid: 1, command: 'pausedomain' }],
  order: 'fair',
});
