/** What refers to domains as a whole, once all exist (section 11, rule 19). */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import { versionOf } from '../../design/versions.ts';
import { numericEntries, numericKeys } from '../../host/codec.ts';
import type { PageContent } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import { contentOf, type Hardware } from '../../host/hardware.ts';
import { type Crash, crash, type Restoring } from '../boot.ts';
import { asksPolicy, trespasses, trespassText, unmapped } from '../foreign-rights.ts';

/** Targets and VIRQ handlers hold references to domains (F2.14). */
const withReferences = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const domains: Record<number, Domain> = { ...r.xen.domains };
  const hold = (domid: number): boolean => {
    const d = domains[domid];
    if (d === undefined) return false;
    const held = keeps(design, 'F2.14.refs') ? 1 : 0;
    domains[domid] = { ...d, refcnt: d.refcnt + held };
    return true;
  };
  for (const id of numericKeys(domains)) {
    const target = r.stream?.domains[id]?.DOMAIN.target ?? null;
    if (target === null) continue;
    if (!hold(target)) return crash(`d${id} targets d${target}, which is not restored`, 'F2.14');
    domains[id] = { ...(domains[id] as Domain), target };
  }
  const virqHandlers: Record<number, (typeof r.xen.system.virqHandlers)[number]> = {};
  for (const h of r.stream?.globals.VIRQ_HANDLERS?.handlers ?? []) {
    if (!hold(h.domid)) return crash(`VIRQ ${h.virq} goes to d${h.domid}, not restored`, 'F6.14');
    virqHandlers[h.virq] = h.domid;
  }
  const saved = r.stream?.globals.KEXEC_CRASH;
  const image =
    saved === undefined
      ? null
      : { type: 'crash' as const, build: saved.build, commandLine: saved.commandLine };
  const system = {
    ...r.xen.system,
    virqHandlers,
    kexec: { ...r.xen.system.kexec, crash: image },
  };
  return E.right({ ...r, xen: { ...r.xen, domains, system } });
};

/** Domain tables that a design without R34 empties and fills again (S42). */
const withoutMappings = (hw: Hardware): Hardware => {
  const content: Record<number, PageContent> = { ...hw.content };
  for (const [f, c] of numericEntries(hw.content))
    if (c.kind === 'iommu-table') content[f] = { kind: 'iommu-table', entries: {} };
  return { ...hw, content };
};

/** The IOMMU's root is where the stream says, and still a root; nothing in it is touched (R34). */
const takeIommu = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const saved = r.stream?.globals.IOMMU;
  if (r.hardware.iommuRoot === null) return E.right(r);
  if (saved === undefined || saved.root !== r.hardware.iommuRoot)
    return crash('the IOMMU walks tables that the stream does not name', 'R33', 'R34');
  if (contentOf(r.hardware, saved.root, 'iommu-root') === null)
    return crash("the IOMMU's root table was overwritten", 'R33', 'S43');
  const taken = { ...r, iommuTaken: true };
  return E.right(
    keeps(design, 'R34') ? taken : { ...taken, hardware: withoutMappings(r.hardware) },
  );
};

/**
 * Has every foreign mapping a right to be there under this Xen's policy (Q9)?
 * Asked once all targets are known, since the device model of a domain has one.
 */
const checkRights = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const version = versionOf(r.xen.build.version);
  if (version === null || design.policies.Q9 === 'trust' || !asksPolicy(r.xen.commandLine))
    return E.right(r);
  const host = { hardware: r.hardware, xen: r.xen };
  const found = trespasses(host);
  const [first] = found;
  if (first === undefined) return E.right(r);
  return design.policies.Q9 === 'unmap'
    ? E.right({ ...r, ...unmapped(host, found, { version, design }) })
    : crash(trespassText(first), 'Q9', 'F8.20');
};

export const restoreSystem = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const held = withReferences(r, design);
  const right = E.isLeft(held) ? held : checkRights(held.right, design);
  return E.isLeft(right) ? right : takeIommu(right.right, design);
};
