/** Pass 2: foreign maps of a P2M, IOREQ servers, interrupts, permissions, clocks. */
import { type Design, keeps } from '../../design/design.ts';
import { P2M_TYPE } from '../../host/content.ts';
import { type Port, port } from '../../host/ids.ts';
import type { IoreqServer } from '../../host/ioreq.ts';
import { getPage, getPageAndType } from '../../host/page-refs.ts';
import { PGT } from '../../host/page-type.ts';
import { forEachP2mEntry } from '../../host/references.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

/** Each foreign entry of the P2M holds a general reference (F8.20); grant entries hold none. */
export const restoreForeignMaps = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const d = draft.domain(id);
  if (d?.p2m == null) return null;
  const foreign: number[] = [];
  let ioreqEntries = 0;
  forEachP2mEntry(draft.restoring.hardware, d, (_gfn, frame, type) => {
    if (type === P2M_TYPE.map_foreign) foreign.push(frame);
    if (type === P2M_TYPE.ioreq_server) ioreqEntries++;
  });
  for (const frame of keeps(draft.design, 'F8.20.foreign') ? foreign : []) {
    const failed = getPage(draft.frames, frame);
    if (failed !== null) return crashOf(id, failed, 'Q9', 'F8.20');
  }
  const server = s.IOREQ_SERVERS?.p2mServer ?? null;
  draft.update(id, (now) => ({
    p2m:
      now.p2m === null
        ? null
        : {
            ...now.p2m,
            nrForeign: foreign.length,
            ioreqServer: server === null ? null : { id: server, entries: ioreqEntries },
          },
  }));
  return null;
};

/** ioreq_server_create() takes the lowest port that is free, which the saved one is not (F9.4). */
const portOf = (design: Design, s: DomainSections, saved: Port): Port => {
  if (keeps(design, 'F9.4.ports')) return saved;
  const taken = new Set<number>(s.EVTCHN_PORTS.ports.map((p) => p.port));
  let lowest = 1;
  while (taken.has(lowest)) lowest++;
  return port(lowest);
};

/** Servers keep their pages and ports: creating them would take the lowest free ones (F9.4). */
export const restoreIoreqServers = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const servers: Record<number, IoreqServer> = {};
  const promotion = draft.promotion(s);
  for (const r of s.IOREQ_SERVERS?.servers ?? []) {
    for (const page of [r.ioreqPage, r.bufioreqPage]) {
      const failed = page === null ? null : getPageAndType(promotion, page, PGT.writable);
      if (failed !== null) return crashOf(id, failed, 'F9.2', 'section 11 rule 14');
    }
    servers[r.id] = {
      emulator: r.emulator,
      ioreqPage: r.ioreqPage,
      bufioreqPage: r.bufioreqPage,
      bufioreqPort: r.bufioreqPort,
      vcpus: Object.fromEntries(
        r.vcpus.map((v) => [v.vcpu, { port: portOf(draft.design, s, v.port), pending: false }]),
      ),
      enabled: r.enabled,
      ranges: r.ranges,
    };
    if (!keeps(draft.design, 'F9.1.slots')) answerSlots(draft, r.ioreqPage);
    if (r.bufioreqPage !== null && !keeps(draft.design, 'F9.8.ring'))
      draft.setContent(r.bufioreqPage, { kind: 'bufioreq', readPointer: 0, writePointer: 0 });
  }
  draft.update(id, () => ({ ioreqServers: servers }));
  return null;
};

/** Xen marking slots as sent, without a guest behind them: a duplicated request (I9.2). */
const answerSlots = (draft: RestoreDraft, page: number | null): void => {
  const c = page === null ? undefined : draft.contentAt(page);
  if (page === null || c?.kind !== 'ioreq') return;
  const slots = Object.fromEntries(
    Object.entries(c.slots).map(([v, slot]) => [v, { ...slot, state: 1 }]),
  );
  draft.setContent(page, { ...c, slots });
};

const pairs = (
  list: readonly { readonly first: number; readonly last: number }[],
): [number, number][] => list.map((r) => [r.first, r.last]);

/** What the tool stack gave the domain, and its clock. */
export const restoreGifts = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const tsc = s.X86_TSC_INFO;
  const { now } = draft.restoring.xen;
  draft.update(s.DOMAIN.domid, () => ({
    irqs: pairs(s.PERMISSIONS.irqs),
    iomem: pairs(s.PERMISSIONS.iomem),
    ioports: pairs(s.PERMISSIONS.ioports),
    pirqs: Object.fromEntries((s.PIRQS?.pirqs ?? []).map((p) => [p.pirq, p.irq])),
    hvmParams: Object.fromEntries((s.HVM_PARAMS?.params ?? []).map((p) => [p.index, p.value])),
    tsc: {
      mode: tsc.mode,
      khz: tsc.khz,
      // Without the rule it is taken for an offset of this clock (F10.12).
      offset: keeps(draft.design, 'F10.6.tsc') ? now - tsc.nsec : tsc.nsec,
      incarnation: tsc.incarnation,
    },
  }));
  return null;
};
