import { numericEntries } from '../../src/host/codec.ts';
import { IOREQ } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import type { IoreqServer } from '../../src/host/ioreq.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, vcpuName } from '../support/names.ts';
import { domainsOf, pairsOf } from '../support/walk.ts';

const STATES = ['NONE', 'READY', 'INPROCESS', 'RESP_READY'];

const auditServer = (a: Audit, host: Host, d: Domain, id: number, s: IoreqServer): void => {
  const slots =
    s.ioreqPage === null ? undefined : contentOf(host.hardware, s.ioreqPage, 'ioreq')?.slots;
  for (const v of d.vcpus) {
    a.count();
    const state = slots?.[v.id]?.state ?? IOREQ.NONE;
    const where = `${vcpuName(d.domid, v.id)} server ${id}`;
    if (state !== IOREQ.NONE) a.offend(where, `slot is ${STATES[state] ?? state}`);
    if (s.vcpus[v.id]?.pending === true) a.offend(where, 'a request is pending');
  }
};

const atSave = (host: Host): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(host))
    for (const [id, s] of numericEntries(d.ioreqServers)) auditServer(a, host, d, id, s);
  return a.verdict();
};

/** Buffered requests need no quiescing; they must just be left alone (F9.8). */
const buffered = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after))
    for (const [id, s] of numericEntries(d.ioreqServers)) {
      if (s.bufioreqPage === null) continue;
      a.count();
      const where = `${domainName(d.domid)} server ${id}`;
      const page = now?.ioreqServers[id]?.bufioreqPage ?? null;
      if (page !== s.bufioreqPage) a.offend(where, 'has another page of buffered requests');
      const was = contentOf(saved.hardware, s.bufioreqPage, 'bufioreq');
      const is = contentOf(after.hardware, s.bufioreqPage, 'bufioreq');
      const [x, y] = [was, is].map((c) => `${c?.readPointer ?? '?'}..${c?.writePointer ?? '?'}`);
      if (x !== y) a.offend(where, `buffered requests ${x} -> ${y}`);
    }
  return a.verdict();
};

export default invariant({
  id: 'I9.1',
  title: 'At the save every ioreq slot is idle',
  says:
    'Each slot of each vCPU and server is NONE at the save, none is pending, and the buffered ' +
    'ring is not touched by the update.',
  why: 'An answer to a request of xen#1 would meet a Xen that never asked (F9.5, S1).',
  sources: ['I9.1', 'R12', 'F9.1', 'F9.5', 'F9.8', 'S1'],
  afterCrash: true,
  saved: atSave,
  update: (evidence) =>
    evidence.outcome === 'resumed' ? buffered(evidence) : new Audit().verdict(),
});
