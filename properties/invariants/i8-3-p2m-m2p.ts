import { P2M_TYPE } from '../../src/host/content.ts';
import { FLAG, hasFlag, ownerOf } from '../../src/host/frame-table.ts';
import { forEachP2mEntry } from '../../src/host/references.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, frameName, hex } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

/** p2m_is_ram, without the types that no frame is behind, or a shared one. */
const RAM_TYPES: ReadonlySet<number> = new Set([
  P2M_TYPE.ram_rw,
  P2M_TYPE.ram_logdirty,
  P2M_TYPE.ram_ro,
  P2M_TYPE.ioreq_server,
]);

export default invariant({
  id: 'I8.3',
  title: 'P2M and M2P agree on the RAM of translated domains',
  says:
    'If the P2M of d maps gfn g to RAM at frame m, and m is an ordinary page of d, then the M2P ' +
    'says g for m.',
  why:
    'Xen goes from a frame back to the gfn to change, log or remove its mapping; through a wrong ' +
    'entry it changes another page of the guest.',
  sources: ['I8.3', 'F8.15', 'F8.18', 'R42', 'R43'],
  host: (host) => {
    const a = new Audit();
    const { frames } = host.xen;
    const { entries } = host.hardware.m2p;
    for (const d of domainsOf(host))
      forEachP2mEntry(host.hardware, d, (gfn, frame, type) => {
        if (!RAM_TYPES.has(type) || ownerOf(frames, frame) !== d.domid) return;
        if (hasFlag(frames, frame, FLAG.xenheap)) return;
        a.count();
        const back = entries[frame] ?? -1;
        if (back !== gfn)
          a.offend(
            () => frameName(frame),
            () => `gfn ${hex(gfn)} of ${domainName(d.domid)}, the M2P says ${hex(back)}`,
          );
      });
    return a.verdict();
  },
});
