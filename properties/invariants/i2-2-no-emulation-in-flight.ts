import { IOREQ } from '../../src/host/constants.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { vcpuName } from '../support/names.ts';
import { vcpusOf } from '../support/walk.ts';

export default invariant({
  id: 'I2.2',
  title: 'No vCPU is saved with an emulation in flight',
  says:
    'At the save v->io.req.state is NONE and no completion waits, and defer_shutdown is clear, ' +
    'for every vCPU. No record of the stream could carry either.',
  why: 'What a vCPU waits for is private to xen#1: the answer would find nobody (F9.5).',
  sources: ['I2.2', 'R12', 'F2.25', 'F9.5', 'S1', 'S3'],
  afterCrash: true,
  saved: (host) => {
    const a = new Audit();
    for (const [d, v] of vcpusOf(host)) {
      a.count();
      const where = vcpuName(d.domid, v.id);
      if (v.io.state !== IOREQ.NONE || v.io.completion !== 'none')
        a.offend(where, `io.req.state ${v.io.state}, completion ${v.io.completion}`);
      if (v.deferShutdown) a.offend(where, 'defer_shutdown is set');
    }
    return a.verdict();
  },
});
