import { seal } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { changeContent } from '../support/tamper.ts';

export default mutant({
  id: 'B11',
  title: 'A buffer is used again before it is written',
  says:
    'A part of the stream that waits in a buffer is overwritten by the next part: lengths and ' +
    'bodies of records no longer fit.',
  source: 'museum 11: xen 65f19ed62a (partial request overwritten)',
  kills: ['PNR-2'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
  actions: {
    seal: (u) => {
      const sealed = seal(u);
      const first = sealed.memory?.dataFrames[0];
      return first === undefined
        ? sealed
        : changeContent(sealed, first, (c) =>
            c.kind === 'bytes' ? { ...c, data: c.data.slice().copyWithin(64, 32, 64) } : c,
          );
    },
  },
});
