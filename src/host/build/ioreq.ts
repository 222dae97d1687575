/** IOREQ servers under construction, with requests in flight (F9.1 to F9.5). */
import { IOREQ, VPF } from '../constants.ts';
import type { IoreqSlot } from '../content.ts';
import { domid } from '../ids.ts';
import type { IoreqVcpu } from '../ioreq.ts';
import { BuildError, type DomainDraft, domainAt, type HostDraft, vcpuAt } from './draft.ts';
import { bindInterdomain } from './events.ts';
import { contentAt, takePage } from './memory.ts';
import { mapForeignGfn } from './p2m.ts';
import { mapFrame } from './page-tables.ts';

export interface IoreqServerOptions {
  readonly emulator: number;
  /** With a page for buffered requests; default true. */
  readonly buffered?: boolean;
  /** Default: ports 0x60 to 0x64. */
  readonly ranges?: readonly { type: number; first: number; last: number }[];
}

/** Maps a page of another domain where the domain can: L1 or P2M. */
export const mapForeign = (draft: HostDraft, d: DomainDraft, frame: number, rw = true): void => {
  if (d.domain.type === 'pv') mapFrame(draft, d, frame, { rw });
  else mapForeignGfn(draft, d, frame);
};

/**
 * An enabled server: pages of the target, mapped by the emulator, and
 * Xen-attached ports bound by it. Returns the server's id.
 */
export const addIoreqServer = (
  draft: HostDraft,
  target: number,
  options: IoreqServerOptions,
): number => {
  const d = domainAt(draft, target);
  const { emulator } = options;
  const device = domainAt(draft, emulator);
  const ioreqPage = takePage(d);
  const slots: Record<number, IoreqSlot> = {};
  const vcpus: Record<number, IoreqVcpu> = {};
  const xenAttached = (vcpu: number) =>
    bindInterdomain(draft, target, emulator, { a: { vcpu, xenConsumer: 'ioreq' } }).a;
  for (const v of d.domain.vcpus) {
    const port = xenAttached(v.id);
    vcpus[v.id] = { port, pending: false };
    slots[v.id] = { state: IOREQ.NONE, vpEport: port, addr: 0, dataIsWrite: false };
  }
  draft.hardware.content[ioreqPage] = { kind: 'ioreq', slots };
  mapForeign(draft, device, ioreqPage);
  const buffered = options.buffered ?? true;
  const bufioreqPage = buffered ? takePage(d) : null;
  if (bufioreqPage !== null) {
    draft.hardware.content[bufioreqPage] = { kind: 'bufioreq', readPointer: 0, writePointer: 0 };
    mapForeign(draft, device, bufioreqPage);
  }
  const id = Object.keys(d.domain.ioreqServers).length;
  d.domain.ioreqServers[id] = {
    emulator: domid(emulator),
    ioreqPage,
    bufioreqPage,
    bufioreqPort: buffered ? xenAttached(0) : null,
    vcpus,
    enabled: true,
    ranges: (options.ranges ?? [{ type: 0, first: 0x60, last: 0x64 }]).map((r) => ({ ...r })),
  };
  return id;
};

/**
 * Puts a request of a vCPU into one of the states 1..3: sent, being worked
 * on, or answered and not yet completed by Xen (F9.6).
 */
export const sendIoreq = (
  draft: HostDraft,
  target: number,
  server: number,
  vcpu: number,
  state: 1 | 2 | 3,
): void => {
  const d = domainAt(draft, target);
  const s = d.domain.ioreqServers[server];
  const own = s?.vcpus[vcpu];
  if (s === undefined || own === undefined || s.ioreqPage === null)
    throw new BuildError(`d${target} has no server ${server} for v${vcpu}`);
  const { slots } = contentAt(draft, s.ioreqPage, 'ioreq');
  slots[vcpu] = { state, vpEport: own.port, addr: 0x60, dataIsWrite: true };
  own.pending = true;
  const v = vcpuAt(d, vcpu);
  v.io = { state: IOREQ.READY, completion: 'pio', suspended: false };
  v.deferShutdown = true;
  v.pauseFlags |= VPF.blocked_in_xen;
};

/** Puts buffered requests of a server into its ring (F9.2). */
export const bufferIoreqs = (
  draft: HostDraft,
  target: number,
  server: number,
  count: number,
): void => {
  const page = domainAt(draft, target).domain.ioreqServers[server]?.bufioreqPage;
  if (page === null || page === undefined) throw new BuildError(`no ring at server ${server}`);
  contentAt(draft, page, 'bufioreq').writePointer += count;
};
