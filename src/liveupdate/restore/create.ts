/** Pass 0a: domain_create() without what needs more records (R37). */
import { keeps } from '../../design/design.ts';
import { nearestVersion, versionOf } from '../../design/versions.ts';
import { SHUTDOWN_CODE_INVALID } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import { noDevices, noEvents, noGrants } from '../../host/new-domain.ts';
import { PAGE_KIND } from '../../stream/records/domain/pages.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { restoreForeignMaps } from './devices.ts';
import type { RestoreDraft } from './draft.ts';

/** PAGES is a mandatory record, and PGC_extra a kind that some versions do not have (F8.2, F10.3). */
const knowsKinds = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const { version } = draft.restoring.xen.build;
  if (versionOf(version)?.layout.extra !== null) return null;
  const writer = draft.restoring.stream?.globals.LU_VERSION;
  const from = writer && nearestVersion(writer.xenMajor, writer.xenMinor);
  // What such a version wrote itself it can read; P2M tables and pages of device models as well.
  if (s.DOMAIN.type !== 'pv' || from?.layout.extra === null) return null;
  const { kind } = s.PAGES.runs;
  if (!kind.some((k) => (k & PAGE_KIND.extra) !== 0)) return null;
  return {
    what: `d${s.DOMAIN.domid}: PAGES holds extra pages, which Xen ${version} does not know`,
    sources: ['F8.2', 'F10.3', 'S63'],
  };
};

/**
 * A new domain: one reference, paused by the update until the resume, alive
 * whatever it was before, since a dying domain takes no pages (F2.12).
 */
export const createDomain = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const { DOMAIN: d, DOMAIN_STATE: state } = s;
  const { build } = draft.restoring.xen;
  const unknown = knowsKinds(draft, s);
  if (unknown !== null) return unknown;
  const fakes = draft.design.policies.Q7 === 'fake';
  const tooMuch =
    d.config.maxGrantVersion > build.gnttabMaxVersion ||
    s.GRANT_TABLE.maxFrames > build.gnttabMaxFrames ||
    s.GRANT_TABLE.maxMaptrackFrames > build.gnttabMaxMaptrackFrames;
  if (tooMuch && !fakes)
    return {
      what: `d${d.domid}: domain_create refuses its grant table limits`,
      sources: ['F2.3', 'S56'],
    };
  const domain: Domain = {
    domid: d.domid,
    type: d.type,
    name: d.name,
    config: d.config,
    isHardware: d.isHardware,
    isPrivileged: d.isPrivileged,
    target: null,
    refcnt: 1,
    // Setting it here is what section 11 rule 11 forbids (S32).
    dying: keeps(draft.design, 'F2.12.dying-last') ? 'alive' : state.dying,
    teardown: { phase: 'none' },
    pauseCount: 1,
    controllerPauseCount: 0,
    pausers: ['lu'],
    creationFinished: false,
    shutdown: { state: 'none', code: SHUTDOWN_CODE_INVALID },
    maxPages: d.maxPages,
    totPages: 0,
    xenheapPages: 0,
    sharedInfo: null,
    vcpus: [],
    events: { ...noEvents(), maxPort: s.EVTCHN_ABI.maxPort },
    grants: {
      ...noGrants(),
      // A table that this Xen cannot have is made up as one that it can (Q7).
      version: tooMuch ? 1 : s.GRANT_TABLE.version,
      maxFrames: s.GRANT_TABLE.maxFrames,
      maxMaptrackFrames: s.GRANT_TABLE.maxMaptrackFrames,
    },
    ...noDevices(),
    tsc: { mode: 0, khz: 0, offset: 0, incarnation: 0 },
    weight: d.weight,
    unsupported: [],
  };
  draft.setDomain(domain);
  return null;
};

/** Pass 0b: the P2M is taken as it lies in memory, not yet validated (R43). */
export const restoreP2m = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const { P2M: p2m } = s;
  if (p2m === undefined) return null;
  draft.update(s.DOMAIN.domid, () => ({
    p2m: {
      root: p2m.root as never,
      tableFrames: [...p2m.tables] as never,
      sharedWithIommu: p2m.sharedWithIommu,
      nrForeign: 0,
      logDirty: p2m.logDirty && keeps(draft.design, 'F8.23.logdirty'),
      ioreqServer: null,
    },
  }));
  return draft.design.policies.Q9 === 'at-once' ? restoreForeignMaps(draft, s) : null;
};
