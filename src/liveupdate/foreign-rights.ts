/**
 * Foreign mappings of a P2M to which xen#2 thinks there is no right (Q9). The
 * hypercall asked xen#1's security policy when each was made; xen#2 has one
 * of its own if its command line says `flask=enforcing`. What a FLASK policy
 * allows is not modelled: xen#2's is taken for what Xen's dummy policy allows,
 * which is the privileged domains and the device model of the owner. Foreign
 * entries of PV page tables are not asked about (F8.21): of them the design
 * says nothing.
 */

import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import { DOMID_FIRST_RESERVED } from '../host/constants.ts';
import { P2M_TYPE } from '../host/content.ts';
import { ownerOf } from '../host/frame-table.ts';
import type { Host } from '../host/host.ts';
import { forEachP2mEntry } from '../host/references.ts';
import { controls } from '../hypercalls/domains.ts';
import { clearP2m } from '../hypercalls/memory/p2m.ts';
import { Transaction } from '../hypercalls/transaction.ts';

/** A foreign mapping without a right to it. */
interface Trespass {
  readonly domid: number;
  readonly gfn: number;
  readonly owner: number;
}

/** Does a Xen with this command line ask its own policy? The last `flask=` wins. */
export const asksPolicy = (commandLine: string): boolean =>
  commandLine
    .split(/\s+/)
    .filter((w) => w.startsWith('flask='))
    .at(-1) === 'flask=enforcing';

/** All of them, by domid and gfn; pages of Xen's own are nobody's to refuse. */
export const trespasses = (host: Host): readonly Trespass[] =>
  numericEntries(host.xen.domains).flatMap(([domid, d]) => {
    const found: Trespass[] = [];
    forEachP2mEntry(host.hardware, d, (gfn, frame, type) => {
      if (type !== P2M_TYPE.map_foreign) return;
      const owner = ownerOf(host.xen.frames, frame);
      if (owner < DOMID_FIRST_RESERVED && !controls(d, owner)) found.push({ domid, gfn, owner });
    });
    return found;
  });

/** "d2 maps a page of d1 at gfn 0x12, to which xen#2 gives it no right". */
export const trespassText = ({ domid, gfn, owner }: Trespass): string =>
  `d${domid} maps a page of d${owner} at gfn 0x${gfn.toString(16)}, to which xen#2 gives it no right`;

/** The host without these mappings: each gives back the reference that it held (F8.20). */
export const unmapped = (
  host: Host,
  found: readonly Trespass[],
  ctx: { readonly version: XenVersion; readonly design: Design },
): Host => {
  const tx = new Transaction(host, ctx);
  for (const { domid, gfn } of found) {
    const d = tx.domain(domid);
    if (d !== undefined) clearP2m(tx, d, gfn);
  }
  return tx.commit();
};
