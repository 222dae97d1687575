/** From a plan to a host. */
import { isRight } from 'fp-ts/lib/Either.js';
import { defaultDesign } from '../../../src/design/design.ts';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import type { DomainDraft, HostDraft } from '../../../src/host/build/draft.ts';
import { useFifo } from '../../../src/host/build/fifo.ts';
import { finish } from '../../../src/host/build/finish.ts';
import type { Host } from '../../../src/host/host.ts';
import { range } from '../../../src/host/ranges.ts';
import { apply } from '../../../src/hypercalls/apply.ts';
import { furnish } from './furniture.ts';
import { kindOf } from './parts/index.ts';
import type { DomainPlan, HostPlan } from './plan.ts';

/** Frames besides the domains' pages: Xen's own, P2M tables, grant frames, what an update needs. */
const SPARE = 384;
const SPARE_PER_DOMAIN = 48;
const FRAMES_PER_2M = 512;
/** Frames without RAM below the rest of it: numbers that 16 bits do not hold. */
const HIGH = 0x1_0000;
/** What Xen's own tables over that hole take. */
const SPARE_OF_HIGH = 1024;
/** No RAM at the bottom either, but for a few frames, or all domains would fit there. */
const NO_LOW = range(8, 504);

const emptyHost = (plan: HostPlan): HostDraft => {
  const bootmem = FRAMES_PER_2M * (1 + (plan.shape % 2));
  const image = FRAMES_PER_2M * (1 + (Math.floor(plan.shape / 2) % 2));
  const imageStart = bootmem + FRAMES_PER_2M;
  const hole = Math.floor(plan.shape / 4) % 2;
  const high = Math.floor(plan.shape / 8) % 2 === 1 ? HIGH : 0;
  const pages = plan.domains.reduce((sum, d) => sum + d.pages + SPARE_PER_DOMAIN, SPARE);
  return buildHost({
    version: plan.version.id,
    rules: plan.version.countRules,
    bootmemFrames: bootmem,
    imageFrames: image,
    imageStart,
    // 512 frames are below bootmem; the rest follows the image.
    ramFrames:
      imageStart + image + Math.max(FRAMES_PER_2M, pages) + (high > 0 ? HIGH + SPARE_OF_HIGH : 0),
    holes: [
      ...(high > 0 ? [NO_LOW] : hole === 1 ? [range(160, 96)] : []),
      ...(hole === 1 || high > 0
        ? [high > 0 ? range(imageStart + image + 4, high) : range(imageStart + image + 40, 16)]
        : []),
    ],
  });
};

const addDomains = (draft: HostDraft, plans: readonly DomainPlan[]): readonly DomainDraft[] => {
  let next = 0;
  return plans.map((p, i) => {
    const domid = i === 0 ? 0 : next + p.gap;
    next = domid + 1;
    const d = addDomain(draft, {
      type: i === 0 ? 'pv' : p.type,
      pages: p.pages,
      domid,
      vcpus: p.vcpus,
      grantVersion: p.grantVersion,
      width: p.width,
    });
    // Neither the page that a control block lies in nor one page of events is a matter of course.
    if (p.fifo) useFifo(draft, domid, 1 + (p.pages % 5 === 1 ? 1 : 0), p.pages % 3 === 1 ? 512 : 0);
    return d;
  });
};

/** Brings the running host into the states that are reached by events. */
const enliven = (start: Host, plan: HostPlan, domains: readonly DomainDraft[]): Host => {
  const ctx = { version: plan.version, design: defaultDesign };
  let host = start;
  const domid = (i: number): number => domains[i]?.domain.domid ?? 0;
  for (const p of plan.parts) {
    const live = kindOf(p.kind)?.live;
    if (live === undefined) continue;
    for (const event of live({ host, at: domid(p.at), other: domid(p.other), n: p.n })) {
      const next = apply(host, event, ctx);
      if (isRight(next)) host = next.right;
    }
  }
  return host;
};

/** The host of a plan. The parts come in their order; one that does not fit is left out. */
export const buildPlan = (plan: HostPlan): Host => {
  const draft = emptyHost(plan);
  const domains = addDomains(draft, plan.domains);
  plan.domains.forEach((d, i) => {
    if (d.furnished) furnish(draft, domains[i] as DomainDraft);
  });
  for (const p of plan.parts) {
    const [at, other] = [domains[p.at], domains[p.other]];
    if (at !== undefined && other !== undefined)
      kindOf(p.kind)?.build?.({ draft, at, other, n: p.n });
  }
  return enliven(finish(draft), plan, domains);
};
