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
import { createVcpus, restoreVcpus } from './vcpus.ts';

/** 1: pass 0a, 2: 0b, 3: 0c, 4: pass 1, 5: pass 2. */
export type Pass = 1 | 2 | 3 | 4 | 5;

type Topics = readonly (() => Crash | null)[];

const topicsOf = (draft: RestoreDraft, s: DomainSections, pass: Pass): Topics => {
  const hapFirst = keeps(draft.design, 'R37');
  switch (pass) {
    case 1:
      return [() => createDomain(draft, s)];
    case 2:
      return [() => (hapFirst ? restoreP2m : createVcpus)(draft, s)];
    case 3:
      return [() => (hapFirst ? createVcpus : restoreP2m)(draft, s)];
    case 4:
      return keeps(draft.design, 'R36.2')
        ? ownershipTopics(draft, s)
        : [() => restorePageTypes(draft, s), ...ownershipTopics(draft, s)];
    case 5:
      return [
        () => restorePageTypes(draft, s),
        ...restoreEventChannels(draft, s),
        () => keepStatus(draft, s),
        () => restoreMaptrack(draft, s),
        () => restoreForeignMaps(draft, s),
        () => restoreGifts(draft, s),
        () => restoreIoreqServers(draft, s),
        () => restoreVcpus(draft, s),
        () => restoreDomainState(draft, s),
        () => copyCounts(draft, s),
        () => loosenEntries(draft, s),
      ];
  }
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
  const sections = sectionsOf(r, domid);
  if (sections === null) return crash(`the stream holds no d${domid}`, 'R17');
  const draft = new RestoreDraft(r, design);
  return inTurn(draft, topicsOf(draft, sections, pass));
};
