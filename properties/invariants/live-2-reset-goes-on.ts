import { resetCallOf } from '../../src/host/reset-call.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf, vcpusOf } from '../support/walk.ts';

export default invariant({
  id: 'LIVE-2',
  title: 'A reset of event channels has someone to finish it',
  says:
    'Where next_evtchn is not 0 some vCPU stands at EVTCHNOP_reset_cont or at the ' +
    'continuation of a soft reset for that domain, and will go on when it runs.',
  why: 'Nobody else may resume a reset, and while one is in progress every new one gets -EBUSY.',
  sources: ['Q4', 'F5.2', 'F5.3', 'F5.6', 'F5.7', 'S14'],
  host: (host) => {
    const a = new Audit();
    const resumed = new Set(
      [...vcpusOf(host)].flatMap(([, { registers }]) => {
        const call = resetCallOf(registers);
        return call?.resuming === true ? [call.target] : [];
      }),
    );
    for (const d of domainsOf(host)) {
      a.count();
      if (d.events.nextEvtchn === 0 || resumed.has(d.domid)) continue;
      a.offend(domainName(d.domid), `reset stands at port ${d.events.nextEvtchn}, for ever`);
    }
    return a.verdict();
  },
});
