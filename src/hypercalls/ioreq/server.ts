/** XEN_DMOP_create_ioreq_server, set_ioreq_server_state, map_io_range and destroy (F9.2 to F9.4). */
import { IOREQ, MAX_NR_IOREQ_SERVERS } from '../../host/constants.ts';
import type { IoreqSlot } from '../../host/content.ts';
import { FLAG, hasFlag } from '../../host/frame-table.ts';
import { domid, type Mfn, type Port } from '../../host/ids.ts';
import type { IoreqVcpu } from '../../host/ioreq.ts';
import { PGT } from '../../host/page-type.ts';
import { controls } from '../domains.ts';
import { closePort } from '../event-channel/close.ts';
import { openPort } from '../event-channel/ports.ts';
import { getPageAndType } from '../pages/gets.ts';
import { allocatePage } from '../pages/heap.ts';
import { putAllocated, putPageAndType } from '../pages/puts.ts';
import { type Body, type Refused, refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';

interface DmOp {
  /** The device model: domain and vCPU; and the domain that it emulates devices for. */
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
}
export interface CreateServer extends DmOp {
  readonly type: 'ioreq.create';
  readonly buffered: boolean;
}
interface OfServer extends DmOp {
  readonly server: number;
}
export interface SetServerState extends OfServer {
  readonly type: 'ioreq.set_state';
  readonly enabled: boolean;
}
/** `kind`: 0 ports, 1 memory, 2 PCI. */
export interface MapIoRange extends OfServer {
  readonly type: 'ioreq.map_range';
  readonly kind: 0 | 1 | 2;
  readonly first: number;
  readonly last: number;
}
export interface DestroyServer extends OfServer {
  readonly type: 'ioreq.destroy';
}

type Server = MutableDomain['ioreqServers'][number];

/** The target of a dm op: -EPERM without the right, -EINVAL unless HVM and alive (F2.12). */
const targetOf = (tx: Transaction, e: DmOp): { readonly d: MutableDomain } | StepError => {
  const c = caller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.domid);
  if (d === undefined) return refuse('ESRCH', `no d${e.domid}`);
  if (e.caller === e.domid || !controls(c.d, e.domid))
    return refuse('EPERM', `d${e.caller} has no right to d${e.domid}`);
  if (d.type !== 'hvm' || d.dying !== 'alive')
    return refuse('EINVAL', `d${e.domid} takes no device model`);
  return { d };
};
const isTarget = (
  t: { readonly d: MutableDomain } | StepError,
): t is { readonly d: MutableDomain } => typeof t === 'object' && 'd' in t;

type Found = { readonly d: MutableDomain; readonly s: Server };

const serverOf = (tx: Transaction, e: OfServer): Found | StepError => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const s = t.d.ioreqServers[e.server];
  if (s === undefined) return refuse('ENOENT', `no server ${e.server}`);
  if (s.emulator !== e.caller) return refuse('EPERM', `server ${e.server} is not d${e.caller}'s`);
  return { d: t.d, s };
};
const isFound = (f: Found | StepError): f is Found => typeof f === 'object' && 's' in f;

/** A page for the server: of the target, extra, mapped by Xen. */
const allocateServerPage = (tx: Transaction, d: MutableDomain): Mfn | Refused => {
  const frame = allocatePage(tx, d, FLAG.extra);
  if (typeof frame !== 'number') return frame;
  return getPageAndType(tx, frame, d.domid, PGT.writable) ?? frame;
};

const xenPort = (
  tx: Transaction,
  d: MutableDomain,
  emulator: number,
  vcpu: number,
): Port | Refused =>
  openPort(
    tx,
    d,
    { state: 'unbound', remoteDomid: domid(emulator) },
    { vcpu, xenConsumer: 'ioreq' },
  );

/** The lowest free id, a Xen-attached port for each vCPU, and the pages (F9.4). */
export const create: Body<CreateServer> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const { d } = t;
  let id = 0;
  while (d.ioreqServers[id] !== undefined) id++;
  if (id >= MAX_NR_IOREQ_SERVERS) return refuse('ENOSPC', `d${e.domid} has ${id} servers`);
  const vcpus: Record<number, IoreqVcpu> = {};
  const slots: Record<number, IoreqSlot> = {};
  for (const v of d.vcpus) {
    const port = xenPort(tx, d, e.caller, v.id);
    if (typeof port !== 'number') return port;
    vcpus[v.id] = { port, pending: false };
    slots[v.id] = { state: IOREQ.NONE, vpEport: port, addr: 0, dataIsWrite: false };
  }
  const bufioreqPort = e.buffered ? xenPort(tx, d, e.caller, 0) : null;
  if (bufioreqPort !== null && typeof bufioreqPort !== 'number') return bufioreqPort;
  const ioreqPage = allocateServerPage(tx, d);
  if (typeof ioreqPage !== 'number') return ioreqPage;
  tx.hardware.content[ioreqPage] = { kind: 'ioreq', slots };
  const bufioreqPage = e.buffered ? allocateServerPage(tx, d) : null;
  if (bufioreqPage !== null && typeof bufioreqPage !== 'number') return bufioreqPage;
  if (bufioreqPage !== null)
    tx.hardware.content[bufioreqPage] = { kind: 'bufioreq', readPointer: 0, writePointer: 0 };
  d.ioreqServers[id] = {
    emulator: domid(e.caller),
    ioreqPage,
    bufioreqPage,
    bufioreqPort,
    vcpus,
    enabled: false,
    ranges: [],
  };
  return null;
};

export const setState: Body<SetServerState> = (tx, e) => {
  const f = serverOf(tx, e);
  if (!isFound(f)) return f;
  f.s.enabled = e.enabled;
  return null;
};

export const mapRange: Body<MapIoRange> = (tx, e) => {
  const f = serverOf(tx, e);
  if (!isFound(f)) return f;
  if (e.first < 0 || e.last < e.first || !Number.isSafeInteger(e.last))
    return refuse('EINVAL', `no range ${e.first}..${e.last}`);
  const overlap = f.s.ranges.some(
    (r) => r.type === e.kind && r.first <= e.last && e.first <= r.last,
  );
  if (overlap) return refuse('EEXIST', `${e.first}..${e.last} is claimed`);
  f.s.ranges.push({ type: e.kind, first: e.first, last: e.last });
  return null;
};

/** Ports are closed by Xen, and the pages leave with the last that maps them. */
export const destroy: Body<DestroyServer> = (tx, e) => {
  const f = serverOf(tx, e);
  if (!isFound(f)) return f;
  const { d, s } = f;
  const ports = Object.values(s.vcpus).map((v) => v.port as number);
  if (s.bufioreqPort !== null) ports.push(s.bufioreqPort);
  for (const port of ports) closePort(tx, d, port, false);
  for (const page of [s.ioreqPage, s.bufioreqPage]) {
    if (page === null) continue;
    putPageAndType(tx, page);
    // A page that the guest set aside for it (HVM params) stays the guest's.
    if (hasFlag(tx.frames, page, FLAG.extra)) putAllocated(tx, page);
  }
  delete d.ioreqServers[e.server];
  return null;
};
