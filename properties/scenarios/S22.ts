import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { EVTCHNOP, HYPERVISOR, PAGE_SIZE } from '../../src/host/constants.ts';
import { extentsArgs } from '../../src/host/guest-buffer.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S22',
  title: 'A multicall preempted in mid-list, as a control',
  says: 'All that is left of a preempted multicall is in guest memory and registers, so it must come through without any record of its own, and must not be refused.',
  sources: ['S22', 'F3.3'],
  violates: null,
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const d = domainAt(draft, 1);
      const [list = 0, buffer = 0, ...extents] = d.pages.slice(8);
      const gfns = extents.slice(0, 3);
      const sent = { op: HYPERVISOR.event_channel_op, args: [EVTCHNOP.send, 1], result: 0 };
      // Its arguments went back into the list: one of three extents is done.
      const args = extentsArgs({ command: 'decrease_reservation', start: 1, gfn: buffer });
      const given = { op: HYPERVISOR.memory_op, args, result: null };
      draft.hardware.content[list] = { kind: 'multicall', calls: [sent, given] };
      draft.hardware.content[buffer] = { kind: 'extents', gfns, exchanged: 0 };
      Object.assign(vcpuAt(d, 0).registers, {
        ...{ rax: HYPERVISOR.multicall, rdi: list * PAGE_SIZE + 64, rsi: 1, atHypercall: true },
      });
    }),
  }),
  events: [{ type: 'hypercall.reenter', domid: 1, vcpu: 0 }],
  order: 'fair',
});
