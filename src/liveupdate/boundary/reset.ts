/** What a half-done reset of event channels stands in the way of (Q4). */
import { numericEntries } from '../../host/codec.ts';
import type { Domain } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import type { BoundaryContext, Obstacle } from './obstacle.ts';

/** A reset whose cursor is in Xen: its caller finishes it first, where the design says so (Q4). */
export const resetObstacles = (host: Host, d: Domain, ctx: BoundaryContext): Obstacle[] => {
  if (ctx.design.policies.Q4 !== 'finish') return [];
  const own = d.vcpus.flatMap((v): Obstacle[] => {
    const call = resetCallOf(v.registers);
    if (call?.resuming !== true) return [];
    const vcpu = { domid: d.domid, vcpu: v.id };
    return [
      {
        where: `d${d.domid}v${v.id}`,
        domid: d.domid,
        what: `preempted in ${call.by === 'evtchn' ? 'EVTCHNOP_reset' : 'a soft reset'} of d${call.target}`,
        sources: ['Q4', call.by === 'evtchn' ? 'F5.2' : 'F5.7'],
        progress:
          call.by === 'evtchn'
            ? { type: 'evtchn.reset-continue', ...vcpu, ports: null }
            : { type: 'domctl.soft_reset-continue', ...vcpu, ports: null },
      },
    ];
  });
  const resumed = numericEntries(host.xen.domains).some(([, c]) =>
    c.vcpus.some((v) => {
      const call = resetCallOf(v.registers);
      return call?.resuming === true && call.target === d.domid;
    }),
  );
  if (d.events.nextEvtchn === 0 || resumed) return own;
  // Nobody will resume it: every later reset gets -EBUSY, under any Xen (F5.3).
  const stuck: Obstacle = {
    where: `d${d.domid}`,
    domid: d.domid,
    what: `a reset stands at port ${d.events.nextEvtchn} and no vCPU goes on with it`,
    sources: ['Q4', 'F5.3', 'S14'],
    progress: null,
  };
  return [...own, stuck];
};
