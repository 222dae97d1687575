import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S2',
  title: 'dom0 quiesced by a shutdown',
  says:
    'Every domain is stopped by domain_shutdown(SHUTDOWN_suspend). For the hardware domain ' +
    'that halts or reboots the machine, whatever the code.',
  sources: ['S2', "R12'", 'R3', 'R5', 'F2.23'],
  drop: ["R12'"],
  violates: 'R5',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
