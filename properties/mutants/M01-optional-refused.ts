import { mapStreamNow, seal } from '../../src/liveupdate/update.ts';
import { REC_TYPE_LIVE_UPDATE, REC_TYPE_OPTIONAL } from '../../src/stream/framing/record.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { appendRecord, retypeRecord } from '../support/tamper-stream.ts';

/** An optional record of a newer Xen. */
const HINT = REC_TYPE_OPTIONAL + REC_TYPE_LIVE_UPDATE + 0x3ff;

export default mutant({
  id: 'M01',
  title: 'An optional record that is not known stops xen#2',
  says: 'xen#2 looks at the type without its highest bit, and takes a mere hint for a demand.',
  source: 'VER-2: libxc specification against xenstored (unknown optional records are ignored)',
  kills: ['VER-2', 'PNR-2'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
  actions: {
    seal: (u) => appendRecord(seal(u), HINT),
    mapStream: (u) => mapStreamNow(retypeRecord(u, HINT, HINT - REC_TYPE_OPTIONAL)),
  },
});
