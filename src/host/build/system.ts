/** System-wide state under construction: handlers, shares, IOMMU, kexec images. */
import type { PageContent } from '../content.ts';
import { IOMMU_PTE } from '../content.ts';
import { FLAG } from '../frame-table.ts';
import { domid, type Mfn } from '../ids.ts';
import type { KexecImage, XenBuild } from '../system.ts';
import { domainAt, type HostDraft } from './draft.ts';
import { allocate, allocateOne, contentAt, keepForXen, shareWithXen } from './memory.ts';

/** XEN_DOMCTL_set_virq_handler: the domain gets a global VIRQ (F6.14). */
export const setVirqHandler = (draft: HostDraft, virq: number, id: number): void => {
  domainAt(draft, id);
  draft.xen.system.virqHandlers[virq] = domid(id);
};

/** Frames of DOMID_XEN besides the M2P that privileged domains may map. */
export const addXenShare = (draft: HostDraft, count: number, what: string): Mfn => {
  const r = allocate(draft, count);
  shareWithXen(draft, r);
  draft.xen.system.domXenShares.push({ frames: { ...r }, what });
  return r.start as Mfn;
};

/** Trace buffers of xentrace, one page each. */
export const addTraceBuffers = (draft: HostDraft, count: number): void => {
  for (let i = 0; i < count; i++) {
    const frame = allocateOne(draft);
    shareWithXen(draft, { start: frame, count: 1 });
    draft.xen.system.traceBuffers.push(frame);
  }
};

const addIommuFrame = (draft: HostDraft, content: PageContent): Mfn => {
  const frame = allocateOne(draft);
  keepForXen(draft.frames, { start: frame, count: 1 });
  draft.frames.flags[frame] = FLAG.reserved;
  draft.hardware.content[frame] = content;
  draft.xen.system.iommuFrames.push(frame);
  return frame;
};

/**
 * Assigns a device: its context in the IOMMU's root, and a table of the
 * domain that maps `frames` by their number for a PV domain and by gfn for a
 * translated one, read and write. `shareP2m`: the units walk the P2M (F8.19).
 */
export const assignDevice = (
  draft: HostDraft,
  id: number,
  device: string,
  options: { readonly frames?: readonly number[]; readonly shareP2m?: boolean } = {},
): void => {
  const { domain } = domainAt(draft, id);
  draft.hardware.iommuRoot ??= addIommuFrame(draft, { kind: 'iommu-root', devices: {} });
  const root = contentAt(draft, draft.hardware.iommuRoot, 'iommu-root');
  domain.config.iommu = true;
  let table: Mfn;
  if (options.shareP2m === true && domain.p2m !== null) {
    domain.p2m.sharedWithIommu = true;
    table = domain.p2m.root;
  } else {
    const entries: Record<number, number> = {};
    for (const frame of options.frames ?? []) {
      const dfn = domain.type === 'pv' ? frame : (draft.hardware.m2p.entries[frame] as number);
      entries[dfn] = frame * 4 + (IOMMU_PTE.read | IOMMU_PTE.write);
    }
    table = addIommuFrame(draft, { kind: 'iommu-table', entries });
  }
  root.devices[device] = { domid: domid(id), table };
};

/** Loads a kexec image of a type; Live Update takes the default slot (F1.11). */
export const loadKexec = (
  draft: HostDraft,
  type: KexecImage['type'],
  options: { readonly build?: XenBuild; readonly commandLine?: string } = {},
): void => {
  const image = { type, build: options.build ?? null, commandLine: options.commandLine ?? '' };
  draft.xen.system.kexec[type === 'crash' ? 'crash' : 'default'] = image;
};
