/** Granters, mappers, and what they do with their tables. */
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import type { HostDraft } from '../../../src/host/build/draft.ts';
import { finish as finishHost } from '../../../src/host/build/finish.ts';
import { offerGrant } from '../../../src/host/build/grants.ts';
import { GNTMAP } from '../../../src/host/constants.ts';
import { PGT } from '../../../src/host/page-type.ts';
import type { WorldEvent } from '../../../src/world/world.ts';
import { framesOfType, freeFrame } from './events.ts';

/** d1 PV with entries of version 1, d2 PV with version 2, d3 PVH; dom0 and d4 map. */
export const granters = (change: (draft: HostDraft) => void = () => undefined) => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20, grantVersion: 2 });
  addDomain(draft, { type: 'pvh', pages: 20 });
  addDomain(draft, { type: 'pv', pages: 20 });
  for (const id of [1, 2]) offerGrant(draft, id, { to: 0 });
  change(draft);
  return finishHost(draft);
};
export const [DEVICE, HOST, RO] = [GNTMAP.device_map, GNTMAP.host_map, GNTMAP.readonly];

/** The host of most lives of grants; `mapped` and `offer` speak of its pages. */
export const host = granters();
const l1 = framesOfType(host, 0, PGT.l1)[0] as number;
export const l1Of4 = framesOfType(host, 4, PGT.l1)[0] as number;
const pageOf = (id: number) =>
  id === 3
    ? 5
    : (framesOfType(host, id, PGT.none)[0] ?? framesOfType(host, id, PGT.writable)[0] ?? 1);
const free = freeFrame(host);
export const more: WorldEvent = { type: 'memory.increase_reservation', domid: 2, vcpu: 0 };
export const offer = (domid: number, ref: number, what: string | object, to = 0) =>
  ({
    type: 'grant.offer',
    domid,
    vcpu: 0,
    ref,
    to,
    gfn: pageOf(domid),
    readonly: false,
    offer: what,
  }) as WorldEvent;
export const mapped = (granter: number, ref: number, flags: number, slot = 300): WorldEvent => ({
  type: 'grant.map',
  domid: 0,
  vcpu: 0,
  granter,
  ref,
  flags,
  at: l1,
  slot,
});
export const unmapped = (handle: number, parts: number, slot = 300): WorldEvent => ({
  type: 'grant.unmap',
  domid: 0,
  vcpu: 0,
  handle,
  parts,
  at: l1,
  slot,
});
export const clear = (domid: number, ref: number): WorldEvent => ({
  type: 'guest.invalidate-grant',
  domid,
  vcpu: 0,
  ref,
});
export const revoke = (domid: number, ref: number): WorldEvent => ({
  type: 'grant.revoke',
  domid,
  vcpu: 0,
  ref,
});
export const setVersion = (domid: number, version: number): WorldEvent => ({
  type: 'grant.set_version',
  domid,
  vcpu: 0,
  version,
});
export const subPage = { offset: 0, length: 64 };
export const transitive = { domid: 1, ref: 8 };
/** The `n`th page that d2 gets goes over to d1, which accepts it. */
export const given = (ref: number, n = 0): WorldEvent => ({
  type: 'grant.transfer',
  domid: 2,
  vcpu: 0,
  gfn: free + n,
  to: 1,
  ref,
});
