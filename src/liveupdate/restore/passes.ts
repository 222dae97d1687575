/**
 * The passes over the domains (R37 to R39). A pass of one domain looks at
 * other domains only for what an earlier pass has made, so within a pass any
 * order will do (R40).
 */
import type * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../../design/design.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import { type Crash, crash, type Restoring } from '../boot.ts';
import { createDomain, restoreP2m } from './create.ts';
import { restoreForeignMaps, restoreGifts, restoreIoreqServers } from './devices.ts';
import { restoreDomainState } from './domain-state.ts';
import { inTurn, RestoreDraft, sectionsOf } from './draft.ts';
import { restoreEventChannels } from './event-channels.ts';
import { keepStatus, restoreMaptrack } from './grants.ts';
import { ownershipTopics } from './ownership.ts';
import { copyCounts, loosenEntries, restorePageTypes } from './page-types.ts';
import { restorePartialTables } from './partial-tables.ts';
import { createVcpus, restoreVcpus } from './vcpus.ts';

/** 1: pass 0a, 2: 0b, 3: 0c, 4: pass 1, 5: pass 2. */
export type Pass = 1 | 2 | 3 | 4 | 5;

/** One topic of a pass: the records that it restores from, in a domain's block, and what it does. */
interface Topic {
  readonly records: readonly string[];
  readonly restore: () => Crash | null;
}

const topic = (restore: () => Crash | null, ...records: readonly string[]): Topic => ({
  records,
  restore,
});

const topicsOf = (draft: RestoreDraft, s: DomainSections, pass: Pass): readonly Topic[] => {
  const p2m = topic(() => restoreP2m(draft, s), 'P2M');
  const vcpus = topic(() => createVcpus(draft, s), 'VCPU');
  const types = topic(() => restorePageTypes(draft, s), 'PAGES');
  const hapFirst = keeps(draft.design, 'R37');
  switch (pass) {
    case 1:
      return [topic(() => createDomain(draft, s), 'DOMAIN', 'EVTCHN_ABI', 'GRANT_TABLE')];
    case 2:
      return [hapFirst ? p2m : vcpus];
    case 3:
      return [hapFirst ? vcpus : p2m];
    case 4: {
      const owned = ownershipTopics(draft, s).map(([name, f]) => topic(f, name));
      return keeps(draft.design, 'R36.2') ? owned : [types, ...owned];
    }
    case 5:
      return [
        types,
        topic(() => restorePartialTables(draft, s), 'PARTIAL_TABLES'),
        ...restoreEventChannels(draft, s).map(([name, f]) => topic(f, name)),
        topic(() => keepStatus(draft, s), 'XENHEAP'),
        topic(() => restoreMaptrack(draft, s), 'MAPTRACK'),
        topic(() => restoreForeignMaps(draft, s), 'P2M'),
        topic(() => restoreGifts(draft, s), 'PERMISSIONS', 'PIRQS', 'HVM_PARAMS', 'X86_TSC_INFO'),
        topic(() => restoreIoreqServers(draft, s), 'IOREQ_SERVERS'),
        topic(() => restoreVcpus(draft, s), 'VCPU', 'VCPU_TIMERS', 'VCPU_RUNSTATE'),
        topic(() => restoreDomainState(draft, s), 'DOMAIN_STATE', 'PAGING_PREEMPT', 'TEARDOWN'),
        topic(() => copyCounts(draft, s), 'PAGE_COUNTS'),
        topic(() => loosenEntries(draft, s), 'PAGES'),
      ];
  }
};

/** The records of each topic of a pass of one domain, in their order. */
export const topicRecords = (
  r: Restoring,
  domid: number,
  pass: Pass,
  design: Design,
): readonly (readonly string[])[] => {
  const sections = sectionsOf(r, domid);
  if (sections === null) return [];
  return topicsOf(new RestoreDraft(r, design), sections, pass).map((t) => t.records);
};

/** Topics [from, to) of one pass of one domain: what runs between two looks at the host. */
export const restoreTopics = (
  r: Restoring,
  domid: number,
  pass: Pass,
  design: Design,
  from = 0,
  to?: number,
): E.Either<Crash, Restoring> => {
  const sections = sectionsOf(r, domid);
  if (sections === null) return crash(`the stream holds no d${domid}`, 'R17');
  const draft = new RestoreDraft(r, design);
  const topics = topicsOf(draft, sections, pass).slice(from, to);
  return inTurn(
    draft,
    topics.map((t) => t.restore),
  );
};

/** One pass of one domain. */
export const restorePass = (
  r: Restoring,
  domid: number,
  pass: Pass,
  design: Design,
): E.Either<Crash, Restoring> => {
  if (design.policies.Q16 === 'dom0')
    return crash('the tool stack that would restore dom0 runs in dom0', 'Q16', 'R3');
  return restoreTopics(r, domid, pass, design);
};
