import { numericKeys } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Maptrack } from '../../src/host/grant-table.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, grantName, handleName, hex } from '../support/names.ts';
import { domainsOf, pairsOf } from '../support/walk.ts';

/** Every handle below the limit is in use or on exactly one free list. */
const auditDomain = (a: Audit, d: Domain): void => {
  const { maptrack, maptrackFree, maptrackLimit } = d.grants;
  const uses = new Uint8Array(maptrackLimit);
  const use = (handle: number, as: string): void => {
    if (handle >= maptrackLimit)
      a.offend(handleName(d.domid, handle), `${as}, limit ${maptrackLimit}`);
    else uses[handle] = Math.min(2, (uses[handle] as number) + 1);
  };
  for (const handle of numericKeys(maptrack)) use(handle, 'in use');
  for (const list of maptrackFree) for (const handle of list) use(handle, 'free');
  a.count(maptrackLimit);
  for (let handle = 0; handle < maptrackLimit; handle++) {
    if (uses[handle] === 1) continue;
    const what = uses[handle] === 0 ? 'neither in use nor free' : 'in use or free more than once';
    a.offend(handleName(d.domid, handle), what);
  }
};

const audit = (host: Host): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(host)) auditDomain(a, d);
  return a.verdict();
};

const describe = (m: Maptrack | undefined): string =>
  m === undefined ? 'free' : `${grantName(m.granter, m.ref)}, flags ${hex(m.flags)}, v${m.vcpu}`;

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after)) {
    if (now === null) continue;
    const [was, is] = [d.grants, now.grants];
    if (was.maptrackLimit !== is.maptrackLimit)
      a.offend(domainName(d.domid), `maptrack limit ${was.maptrackLimit} -> ${is.maptrackLimit}`);
    const handles = new Set([...numericKeys(was.maptrack), ...numericKeys(is.maptrack)]);
    for (const handle of handles) {
      a.count();
      const [x, y] = [describe(was.maptrack[handle]), describe(is.maptrack[handle])];
      if (x !== y) a.offend(handleName(d.domid, handle), `${x} -> ${y}`);
    }
  }
  return a.verdict();
};

export default invariant({
  id: 'I7.4',
  title: 'Grant handles keep their meaning',
  says:
    'Each handle maps after the update what it mapped before; each handle below the limit is in ' +
    'use or on exactly one free list.',
  why:
    'The guest unmaps by handle. With other numbers it unmaps what it still uses, or Xen hands ' +
    'out a handle twice.',
  sources: ['I7.4', 'F7.4', 'S53'],
  host: audit,
  update: compare,
});
