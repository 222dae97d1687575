import { pauseByController } from '../../src/host/build/lifecycle.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S58',
  title: 'A pause count copied as a sum',
  says: 'The pause_count at the save holds the pause of the update itself and the eternal one of a dying domain. Carried as the pauses of the tool stack, nobody takes them back.',
  sources: ['S58', 'I2.1', 'F2.7'],
  drop: ['I2.1.pauses'],
  violates: 'I2.1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      pauseByController(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
