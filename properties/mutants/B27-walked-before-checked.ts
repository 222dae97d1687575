import { mapStreamNow, seal } from '../../src/liveupdate/update.ts';
import { REC_TYPE_LIVE_UPDATE, REC_TYPE_OPTIONAL } from '../../src/stream/framing/record.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { appendRecord, retypeRecord } from '../support/tamper-stream.ts';

/** A record of a newer Xen: nobody here knows this type. */
const NEWER = REC_TYPE_LIVE_UPDATE + 0x3ff;

export default mutant({
  id: 'B27',
  title: 'The stream is walked before it is judged',
  says:
    'xen#1 is newer and writes a mandatory record that xen#2 does not know. xen#2 walks the ' +
    'records that it knows, and looks at what kind the others are only when it is done.',
  source:
    'museum 27: series for the Live Update Orchestrator, patch 4 (metadata before validation)',
  kills: ['VER-2'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
  actions: {
    seal: (u) => appendRecord(seal(u), NEWER),
    mapStream: (u) => mapStreamNow(retypeRecord(u, NEWER, NEWER + REC_TYPE_OPTIONAL)),
  },
});
