/** A scenario as a search. */
import type { Invariant } from '../../properties/invariant.ts';
import type { Scenario } from '../../properties/scenario.ts';
import { type Design, defaultDesign } from '../design/design.ts';
import { versionOf, type XenVersion } from '../design/versions.ts';
import type { Scope } from './general-scopes.ts';
import type { SearchRequest } from './request.ts';

/** The design with the scenario's rules dropped and its questions answered its way. */
export const designOf = (s: Scenario): Design => ({
  dropped: s.drop ?? [],
  policies: { ...defaultDesign.policies, ...s.policy },
});

/** @throws Error for a version that is not described: the scenario is wrong. */
const described = (s: Scope, id: string): XenVersion => {
  const version = versionOf(id);
  if (version === null) throw new Error(`${s.id}: no description of Xen ${id}`);
  return version;
};

/** The scope of a scenario under a design, and under the answers that belong to the scope. */
export const requestOf = (
  s: Scope,
  design: Design,
  invariants: readonly Invariant[],
): SearchRequest => {
  const { host, to, image, commandLine, lowestSegment } = s.start();
  const from = host.xen.build.version;
  return {
    start: {
      host,
      from: described(s, from),
      to: described(s, to ?? from),
      ...(image === undefined ? {} : { image }),
      ...(commandLine === undefined ? {} : { commandLine }),
      ...(lowestSegment === undefined ? {} : { lowestSegment }),
    },
    design: { ...design, policies: { ...design.policies, ...s.given } },
    events: s.events,
    order: s.order,
    updates: s.updates ?? 1,
    invariants: invariants.filter((i) => s.judgedBy?.includes(i.id) ?? true),
  };
};
