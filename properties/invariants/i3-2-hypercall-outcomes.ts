import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { vcpuName } from '../support/names.ts';
import { describeOutcome, reentry, sameOutcome } from '../support/reentry.ts';
import { vcpusOf } from '../support/walk.ts';

const compare = ({ from, to, saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, v] of vcpusOf(saved)) {
    // The vCPUs of a dying domain never run again.
    if (!v.registers.atHypercall || d.dying !== 'alive') continue;
    a.count();
    const where = vcpuName(d.domid, v.id);
    const was = reentry({ host: saved, version: from, tools: from }, d.domid, v.id);
    const is = reentry({ host: after, version: to, tools: from }, d.domid, v.id);
    if (!sameOutcome(was, is))
      a.offend(where, `without the update ${describeOutcome(was)}, with it ${describeOutcome(is)}`);
  }
  return a.verdict();
};

export default invariant({
  id: 'I3.2',
  title: 'An interrupted hypercall ends as it would have',
  says:
    'A vCPU that stands at a hypercall and enters Xen again gets from xen#2 the outcome that it ' +
    'would have got from xen#1: the call completes, continues or starts again, once.',
  why:
    'The registers of a continuation mean something only together with what Xen keeps about it, ' +
    'and to a Xen that knows the sub-op and the interface version.',
  sources: ['I3.2', 'F3.4', 'F3.5', 'F3.8', 'F3.9', 'F3.11', 'F5.4', 'F5.6', 'S13', 'S14', 'S19'],
  update: compare,
});
