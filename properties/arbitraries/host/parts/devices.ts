/** IOREQ servers with requests in flight, assigned devices, log-dirty (F9, F8.19, F3.11). */

import { type DomainDraft, type HostDraft, vcpuAt } from '../../../../src/host/build/draft.ts';
import { addIoreqServer, bufferIoreqs, sendIoreq } from '../../../../src/host/build/ioreq.ts';
import { mapIoreqServerGfns } from '../../../../src/host/build/p2m.ts';
import { assignDevice } from '../../../../src/host/build/system.ts';
import { MAX_NR_IOREQ_SERVERS, VPF } from '../../../../src/host/constants.ts';
import { hvmOnly, type PartKind, pick, room, type Site, translatedOnly, wide } from './kind.ts';

const STATES = [1, 2, 3, 1] as const;

/** A request that the emulator has not seen, works on, or has answered (F9.1). */
const send = (draft: HostDraft, d: DomainDraft, server: number, vcpu: number, n: number): void => {
  const v = vcpuAt(d, vcpu);
  if (v.io.state !== 0 || (v.pauseFlags & ~VPF.blocked) !== 0) return;
  if (!v.initialised || v.pausedForShutdown) return;
  // An access that is emulated is no hypercall: rip stands on its instruction.
  if (v.registers.atHypercall) return;
  v.pauseFlags = 0;
  v.pollPorts = [];
  v.runningOn = null;
  sendIoreq(draft, d.domain.domid, server, vcpu, pick(STATES, n));
};

const oneServer = ({ draft, at, other, n }: Site): void => {
  const { domain } = at;
  const id = domain.domid;
  const fits = room(at) > 4 && room(other) > 2;
  if (domain.type !== 'hvm' || at === other || other.domain.type !== 'pv' || !fits) return;
  if (Object.keys(domain.ioreqServers).length >= MAX_NR_IOREQ_SERVERS) return;
  const buffered = n[0] % 3 !== 0;
  const ranges = Array.from({ length: 1 + (n[1] % 3) }, (_, i) => ({
    type: (n[1] + i) % 3,
    first: 0x60 + 16 * wide(n[2]) + 16 * i,
    last: 0x68 + 16 * wide(n[2]) + 16 * i,
  }));
  const s = addIoreqServer(draft, id, { emulator: other.domain.domid, buffered, ranges });
  if (buffered) bufferIoreqs(draft, id, s, n[1] % 7);
  const made = domain.ioreqServers[s];
  if (made !== undefined && n[2] % 5 === 4) made.enabled = false;
  if (domain.p2m?.ioreqServer === null && n[2] % 4 === 3)
    mapIoreqServerGfns(draft, at, s, 1 + (n[1] % 3));
  if (n[0] % 4 > 1) send(draft, at, s, n[1] % domain.vcpus.length, n[2]);
};

/** One server; now and then as many as there may be, or as the pages of both give. */
const server = (site: Site): void => {
  const [a, b, c] = site.n;
  const many = a % 16 === 15 ? MAX_NR_IOREQ_SERVERS : 1;
  for (let i = 0; i < many; i++) oneServer({ ...site, n: [a + i, b + i, c + i] });
};

const request = ({ draft, at, n }: Site): void => {
  const ids = Object.keys(at.domain.ioreqServers);
  if (ids.length > 0)
    send(draft, at, Number(ids[n[0] % ids.length]), n[1] % at.domain.vcpus.length, n[2]);
};

const device = ({ draft, at, n }: Site): void => {
  const { domain } = at;
  const name = `0000:${(n[0] % 32).toString(16).padStart(2, '0')}:00.${domain.domid % 8}`;
  if (domain.p2m !== null && n[1] % 2 === 0) {
    assignDevice(draft, domain.domid, name, { shareP2m: true });
    return;
  }
  const frames = at.pages.slice(n[1] % 5, (n[1] % 5) + (n[2] % 8));
  assignDevice(draft, domain.domid, name, { frames });
};

/** Log-dirty mode, and maybe an operation of it that was preempted (F3.11). */
const logDirty: PartKind['live'] = function* ({ host, at, n }) {
  const caller = { caller: 0, vcpu: n[0] % (host.xen.domains[0]?.vcpus.length ?? 1), domid: at };
  const shadowOp = { type: 'domctl.shadow_op', ...caller } as const;
  yield { ...shadowOp, op: 'enable_logdirty', preempt: false };
  const ops = ['peek', 'clean', 'off'] as const;
  const op = ops[n[1] % 3] ?? 'off';
  if (n[2] % 3 > 0) yield { ...shadowOp, op, preempt: n[2] % 3 === 2 };
};

export const deviceParts: readonly PartKind[] = [
  {
    id: 'ioreq-server',
    says: 'an IOREQ server',
    sources: ['F9.3', 'F9.4'],
    weight: 10,
    fits: hvmOnly,
    build: server,
  },
  {
    id: 'ioreq',
    says: 'a request of an emulated device',
    sources: ['F9.1', 'R12'],
    weight: 6,
    fits: hvmOnly,
    build: request,
  },
  {
    id: 'device',
    says: 'a device of its own',
    sources: ['F8.19', 'R33', 'R34'],
    weight: 4,
    build: device,
  },
  {
    id: 'log-dirty',
    says: 'log-dirty mode',
    sources: ['F3.11', 'Q5'],
    weight: 4,
    fits: translatedOnly,
    live: logDirty,
  },
];
