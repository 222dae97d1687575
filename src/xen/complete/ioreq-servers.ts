/** IOREQ servers of HVM guests, from their Xen-attached ports (F9.3, F9.4). */
import { IOREQ } from '../../host/constants.ts';
import type { IoreqSlot } from '../../host/content.ts';
import { domid, type Mfn, mfn, port as toPort } from '../../host/ids.ts';
import type { IoreqServer, IoreqVcpu } from '../../host/ioreq.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPorts } from './ports.ts';
import { EXTRA, own, type Workbench } from './workbench.ts';

/** Ports of one emulator in one guest, by vCPU, ascending. */
type PortsByVcpu = ReadonlyMap<number, readonly number[]>;

const attached = (ports: DomainPorts['ports']): Map<number, Map<number, number[]>> => {
  const byEmulator = new Map<number, Map<number, number[]>>();
  for (const [p, { reading, binding, notifyVcpu }] of ports) {
    if (reading.xenConsumer === 0) continue;
    if (binding.state !== 'interdomain' && binding.state !== 'unbound') continue;
    const byVcpu = byEmulator.get(binding.remoteDomid) ?? new Map<number, number[]>();
    byEmulator.set(binding.remoteDomid, byVcpu);
    const list = byVcpu.get(notifyVcpu) ?? [];
    byVcpu.set(notifyVcpu, list);
    list.push(p);
  }
  return byEmulator;
};

/**
 * A server has a port for each vCPU, and for vCPU 0 a second one, made right
 * after the first, for buffered requests.
 */
const PORTS_OF_VCPU0 = 2;
const SERVERS_MAX = 8;

/** Listed extra pages that no server has yet, then pages from free memory. */
const createPages = (w: Workbench, d: DomainFacts): (() => Mfn | null) => {
  const listed = d.extraPages.map((p) => p.mfn);
  return () => {
    const known = listed.shift();
    if (known !== undefined) return mfn(known);
    const taken = w.pool.take(1)[0];
    if (taken === undefined) return null;
    own(w.frames, taken, d.domid, EXTRA);
    w.notes.assume('ioreq-pages', 1, d.domid);
    return mfn(taken);
  };
};

const serverOf = (
  w: Workbench,
  emulator: number,
  byVcpu: PortsByVcpu,
  index: number,
  pages: () => Mfn | null,
): IoreqServer => {
  const vcpus: Record<number, IoreqVcpu> = {};
  const slots: Record<number, IoreqSlot> = {};
  for (const [vcpu, list] of byVcpu) {
    const port = list[vcpu === 0 ? index * PORTS_OF_VCPU0 : index];
    if (port === undefined) continue;
    vcpus[vcpu] = { port: toPort(port), pending: false };
    slots[vcpu] = { state: IOREQ.NONE, vpEport: port, addr: 0, dataIsWrite: false };
  }
  const buffered = byVcpu.get(0)?.[index * PORTS_OF_VCPU0 + 1];
  const ioreqPage = pages();
  const bufioreqPage = buffered === undefined ? null : pages();
  if (ioreqPage !== null) w.content[ioreqPage] = { kind: 'ioreq', slots };
  if (bufioreqPage !== null)
    w.content[bufioreqPage] = { kind: 'bufioreq', readPointer: 0, writePointer: 0 };
  return {
    emulator: domid(emulator),
    ioreqPage,
    bufioreqPage,
    bufioreqPort: buffered === undefined ? null : toPort(buffered),
    vcpus,
    enabled: true,
    ranges: [],
  };
};

/** The servers of one domain, by id; empty for PV and PVH guests. */
export const ioreqServersOf = (
  w: Workbench,
  d: DomainFacts,
  ports: DomainPorts['ports'],
): Readonly<Record<number, IoreqServer>> => {
  const servers: Record<number, IoreqServer> = {};
  if (d.type !== 'hvm') return servers;
  const pages = createPages(w, d);
  let id = 0;
  for (const [emulator, byVcpu] of attached(ports)) {
    const own0 = Math.ceil((byVcpu.get(0)?.length ?? 0) / PORTS_OF_VCPU0);
    const others = [...byVcpu].reduce((n, [v, l]) => (v === 0 ? n : Math.max(n, l.length)), 0);
    for (let i = 0; i < Math.max(own0, others) && id < SERVERS_MAX; i++)
      servers[id++] = serverOf(w, emulator, byVcpu, i, pages);
  }
  w.notes.assume(id > 0 ? 'emulator' : 'no-emulator', Math.max(1, id), d.domid);
  return servers;
};
