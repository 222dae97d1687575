import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';

export default invariant({
  id: 'LIVE-1',
  title: 'An update happens, or is refused with a reason',
  says:
    'From every state of quiescing the save or a refusal with a reason can still be reached, ' +
    'without anybody giving up: whatever the update waits for can still come. And no domain ' +
    'that is on its way out, or stays a zombie, is a reason to refuse.',
  why:
    'An update that waits for ever for a zombie, for an emulator that it has itself stopped, or ' +
    'in a circle, ends by a time-out at best, each time it is tried.',
  sources: ['LIV-1', 'R13', 'R14', 'A2', 'F2.16', 'F9.7', 'S6', 'S7', 'S34', 'S61'],
  waiting: ({ waitsFor, forEver }) => {
    const a = new Audit();
    a.count();
    if (!forEver) return a.verdict();
    for (const { where, what } of waitsFor) a.offend(where, `${what}, for ever`);
    if (waitsFor.length === 0) a.offend('host', 'a domain can never be parked');
    return a.verdict();
  },
  refused: ({ before, reasons }) => {
    const a = new Audit();
    for (const reason of reasons) {
      a.count();
      // Limits of xen#2 are not for ever: another image, or another option, has others (S56, S63).
      const domid = reason.includes('xen#2 allows') ? undefined : /^d(\d+): /.exec(reason)?.[1];
      const d = domid === undefined ? undefined : before.xen.domains[Number(domid)];
      if (d !== undefined && d.dying !== 'alive')
        a.offend(
          domainName(d.domid),
          `refused for a domain that may be ${d.dying} for ever: ${reason}`,
        );
    }
    return a.verdict();
  },
});
