/**
 * Every reference to every page, enumerated (F8.4, F8.5, F7.5, F8.20), so
 * that the counts that Xen stores can be derived and compared (I8.2). This
 * is the specification of the counts: it looks at what exists and never at a
 * stored count. Restore code does not use it; it takes references one by one.
 */
import { numericEntries, numericKeys } from './codec.ts';
import { GNTMAP } from './constants.ts';
import { P2M_PER_LEAF, P2M_TYPE, PTE, p2mFrame, p2mType, pteFrame } from './content.ts';
import type { Domain } from './domain.ts';
import { FLAG, type FrameTable, flagsOf, frameCount, ownerOf, typeOf } from './frame-table.ts';
import { contentOf, type Hardware } from './hardware.ts';
import type { Host } from './host.ts';
import { isPageTable, type PageType, PGT } from './page-type.ts';

/** What differs between versions in counting (F8.8). */
export interface CountRules {
  /** After XSA-299 a partial table's flag and its partial entry hold general references. */
  readonly partialHoldsGeneralRef: boolean;
}

/** What holds a reference; with two numbers that say which (see `describe`). */
export type HolderKind =
  | 'allocated'
  | 'share'
  | 'entry'
  | 'pin'
  | 'cr3'
  | 'partial'
  | 'old_guest_table'
  | 'gdt'
  | 'grant'
  | 'foreign'
  | 'fifo'
  | 'vcpu_info'
  | 'ioreq';

/**
 * Called for each reference: the frame, how many general references (0 or 1),
 * the type whose type reference it holds (null: none), and the holder: for
 * 'entry' table frame and slot, for 'grant' mapping domid and handle, for
 * 'foreign' domid and gfn, otherwise domid and vCPU or server.
 */
export type Visit = (
  frame: number,
  general: 0 | 1,
  type: PageType | null,
  holder: HolderKind,
  a: number,
  b: number,
) => void;

/** Entries of a validated or partially validated PV page table (F8.5, F8.6, F8.7). */
const visitTable = (host: Host, rules: CountRules, table: number, visit: Visit): void => {
  const { frames } = host.xen;
  const content = contentOf(host.hardware, table, 'pagetable');
  if (content === null) return;
  const level = typeOf(frames, table);
  const partial = (flagsOf(frames, table) & FLAG.partial) !== 0 ? frames.partial[table] : undefined;
  const limit = partial?.nrValidatedPtes ?? content.entries.length;
  const nFrames = frameCount(frames);
  const { entries } = content;
  for (let slot = 0; slot < entries.length && slot < limit; slot++) {
    const e = entries[slot] as number;
    if ((e & PTE.present) === 0 || (e & PTE.grant) !== 0) continue;
    const child = pteFrame(e);
    // MMIO and the like has no page_info, so nothing to count.
    if (child >= nFrames || (flagsOf(frames, child) & FLAG.reserved) !== 0) continue;
    if (level === PGT.l1) {
      visit(child, 1, (e & PTE.rw) !== 0 ? PGT.writable : null, 'entry', table, slot);
    } else if (typeOf(frames, child) === level) {
      // A linear entry: a self reference takes nothing (F8.6).
      if (child !== table) visit(child, 1, level, 'entry', table, slot);
    } else {
      visit(child, 1, (level - 1) as PageType, 'entry', table, slot);
    }
  }
  if (partial === undefined) return;
  // The flag owns a type count and, since XSA-299, a general reference (F8.7).
  visit(table, rules.partialHoldsGeneralRef ? 1 : 0, level, 'partial', table, limit);
  const next = entries[limit] ?? 0;
  if (partial.partialSet && rules.partialHoldsGeneralRef && (next & PTE.present) !== 0)
    visit(pteFrame(next), 1, null, 'partial', table, limit);
};

const visitGrants = (host: Host, mapper: Domain, visit: Visit): void => {
  for (const [handle, map] of numericEntries(mapper.grants.maptrack)) {
    const granter = host.xen.domains[map.granter];
    const active = granter?.grants.active[map.ref];
    if (granter === undefined || active === undefined) continue;
    const frame = active.frame;
    // Frames of dom_io take no reference (F7.5).
    if (frame >= frameCount(host.xen.frames)) continue;
    const writable = (map.flags & GNTMAP.readonly) === 0;
    if ((map.flags & GNTMAP.device_map) !== 0)
      visit(frame, 1, writable ? PGT.writable : null, 'grant', mapper.domid, handle);
    if ((map.flags & GNTMAP.host_map) !== 0) {
      const external = granter.type !== 'pv';
      const takesType = writable && (granter.domid === mapper.domid || !external);
      visit(frame, 1, takesType ? PGT.writable : null, 'grant', mapper.domid, handle);
    }
  }
};

/** Calls `visit` for each entry of a translated domain's P2M that is not empty. */
export const forEachP2mEntry = (
  hw: Hardware,
  domain: Domain,
  visit: (gfn: number, frame: number, type: number) => void,
): void => {
  if (domain.p2m === null) return;
  const root = contentOf(hw, domain.p2m.root, 'p2m-root');
  if (root === null) return;
  for (const [index, leaf] of numericEntries(root.leaves)) {
    const table = contentOf(hw, leaf, 'p2m-leaf');
    if (table === null) continue;
    table.entries.forEach((e, i) => {
      if (e !== 0) visit(index * P2M_PER_LEAF + i, p2mFrame(e), p2mType(e));
    });
  }
};

const visitDomain = (host: Host, domain: Domain, visit: Visit): void => {
  const id = domain.domid;
  for (const v of domain.vcpus) {
    for (const table of [v.guestTable, v.guestTableUser])
      if (table !== null) visit(table, 1, PGT.l4, 'cr3', id, v.id);
    if (v.oldGuestTable !== null) {
      const { frame, partial } = v.oldGuestTable;
      visit(frame, 1, partial ? null : typeOf(host.xen.frames, frame), 'old_guest_table', id, v.id);
    }
    for (const f of v.gdtFrames) visit(f, 1, PGT.seg_desc, 'gdt', id, v.id);
    if (v.vcpuInfo !== null) visit(v.vcpuInfo.frame, 1, PGT.writable, 'vcpu_info', id, v.id);
    if (v.fifo !== null) visit(v.fifo.control.frame, 1, PGT.writable, 'fifo', id, v.id);
  }
  domain.events.fifoArray.forEach((f, i) => {
    visit(f, 1, PGT.writable, 'fifo', id, i);
  });
  for (const [server, s] of numericEntries(domain.ioreqServers))
    for (const page of [s.ioreqPage, s.bufioreqPage])
      if (page !== null) visit(page, 1, PGT.writable, 'ioreq', id, server);
  forEachP2mEntry(host.hardware, domain, (gfn, frame, type) => {
    if (type === P2M_TYPE.map_foreign) visit(frame, 1, null, 'foreign', id, gfn);
  });
  visitGrants(host, domain, visit);
};

/**
 * Visits every reference of a host once. A page shared by Xen holds the type
 * reference that share_xen_page_with_guest set (F8.12): writable for the
 * domain's own, none for the read-only shares of DOMID_XEN.
 */
export const forEachReference = (host: Host, rules: CountRules, visit: Visit): void => {
  const { frames } = host.xen;
  const n = frameCount(frames);
  for (let f = 0; f < n; f++) {
    const flags = flagsOf(frames, f);
    if ((flags & FLAG.reserved) !== 0) continue;
    if ((flags & FLAG.allocated) !== 0) visit(f, 1, null, 'allocated', ownerOf(frames, f), 0);
    const type = (flags & FLAG.typeMask) as PageType;
    if ((flags & FLAG.xenheap) !== 0 && (flags & FLAG.allocated) !== 0)
      visit(f, 0, type === PGT.none ? PGT.none : PGT.writable, 'share', ownerOf(frames, f), 0);
    if ((flags & FLAG.pinned) !== 0) visit(f, 1, type, 'pin', ownerOf(frames, f), 0);
    if (isPageTable(type) && (flags & (FLAG.validated | FLAG.partial)) !== 0)
      visitTable(host, rules, f, visit);
  }
  for (const id of numericKeys(host.xen.domains)) {
    const domain = host.xen.domains[id];
    if (domain !== undefined) visitDomain(host, domain, visit);
  }
};

/** Counts as derived; `conflicts` are frames that hold references of two types at once (I8.5). */
export interface DerivedCounts {
  readonly general: Uint32Array;
  readonly typeCount: Uint32Array;
  /** Type that the references ask for; none where there is no type reference. */
  readonly type: Uint8Array;
  readonly conflicts: readonly number[];
}

/** The counts that a host's frame table should hold, from its references alone. */
export const deriveCounts = (host: Host, rules: CountRules): DerivedCounts => {
  const n = frameCount(host.xen.frames);
  const general = new Uint32Array(n);
  const typeCount = new Uint32Array(n);
  const type = new Uint8Array(n);
  const conflicts = new Set<number>();
  forEachReference(host, rules, (frame, g, t) => {
    if (frame >= n) return;
    general[frame] = (general[frame] as number) + g;
    if (t === null) return;
    if ((typeCount[frame] as number) > 0 && type[frame] !== t) conflicts.add(frame);
    type[frame] = t;
    typeCount[frame] = (typeCount[frame] as number) + 1;
  });
  return { general, typeCount, type, conflicts: [...conflicts].sort((a, b) => a - b) };
};

/** One reference in words, for reports: "entry 0x1a2b[17]", "grant map d0 handle 5". */
export const describeHolder = (holder: HolderKind, a: number, b: number): string => {
  const hex = (n: number): string => `0x${n.toString(16)}`;
  switch (holder) {
    case 'entry':
      return `entry ${hex(a)}[${b}]`;
    case 'partial':
      return `partial ${hex(a)}[${b}]`;
    case 'grant':
      return `grant map of d${a}, handle ${b}`;
    case 'foreign':
      return `foreign map of d${a}, gfn ${hex(b)}`;
    case 'allocated':
    case 'share':
    case 'pin':
      return `${holder} (d${a})`;
    case 'fifo':
    case 'ioreq':
      return `${holder} of d${a} (${b})`;
    case 'cr3':
    case 'old_guest_table':
    case 'gdt':
    case 'vcpu_info':
      return `${holder} of d${a}v${b}`;
  }
};

/** All references to one frame, in words. */
export const explainFrame = (host: Host, rules: CountRules, frame: number): string[] => {
  const lines: string[] = [];
  forEachReference(host, rules, (f, general, type, holder, a, b) => {
    if (f !== frame) return;
    const refs = [general === 1 ? 'general' : '', type === null ? '' : 'type'].filter(Boolean);
    lines.push(`${describeHolder(holder, a, b)}: ${refs.join(' + ')}`);
  });
  return lines;
};

/**
 * Has the domain pages on its list, in its allowance or extra? As long as it
 * has, they hold one reference to it (F2.14, F8.10).
 */
export const ownsPages = (frames: FrameTable, d: Pick<Domain, 'domid' | 'totPages'>): boolean => {
  if (d.totPages > 0) return true;
  for (let f = 0; f < frameCount(frames); f++)
    if (ownerOf(frames, f) === d.domid && (flagsOf(frames, f) & FLAG.extra) !== 0) return true;
  return false;
};

/**
 * Holders of a domain's refcnt (F2.14): creation (until dead), owning ordinary
 * or extra pages, owning xenheap pages, each global VIRQ handler registration, each
 * domain whose target it is, each hypercall of its vCPUs that waits in a
 * tasklet, each vCPU on a wait queue.
 */
export const deriveDomainRefs = (host: Host, domain: Domain): number => {
  const { system, domains } = host.xen;
  const id = domain.domid;
  const targeted = numericEntries(domains).filter(([, d]) => d.target === id).length;
  const handlers = numericEntries(system.virqHandlers).filter(([, h]) => h === id).length;
  const tasklets = system.tasklets.filter(
    (k) =>
      k.work === 'continue_hypercall' &&
      k.vcpu?.domid === id &&
      (k.scheduledOn !== null || k.running),
  ).length;
  const waiting = domain.vcpus.filter((v) => v.onWaitQueue).length;
  return (
    (domain.dying === 'dead' ? 0 : 1) +
    (ownsPages(host.xen.frames, domain) ? 1 : 0) +
    (domain.xenheapPages > 0 ? 1 : 0) +
    handlers +
    targeted +
    tasklets +
    waiting
  );
};

/** Ordinary and xenheap pages that the frame table gives a domain (F8.10, F8.12); extra ones are neither. */
export const countOwned = (host: Host, id: number): { tot: number; xenheap: number } => {
  const { frames } = host.xen;
  let tot = 0;
  let xenheap = 0;
  for (let f = 0; f < frameCount(frames); f++) {
    if (frames.owner[f] !== id) continue;
    const flags = flagsOf(frames, f);
    if ((flags & FLAG.xenheap) !== 0) xenheap++;
    else if ((flags & (FLAG.extra | FLAG.pool)) === 0) tot++;
  }
  return { tot, xenheap };
};
