/** Plans in words: one line an object, for counterexamples. */
import { kindOf } from './parts/index.ts';
import type { DomainPlan, HostPlan, Part } from './plan.ts';

/** Longest line that people are shown. */
const WIDTH = 75;

const domidsOf = (plans: readonly DomainPlan[]): readonly number[] => {
  let next = 0;
  return plans.map((p, i) => {
    const domid = i === 0 ? 0 : next + p.gap;
    next = domid + 1;
    return domid;
  });
};

const domainLine = (domid: number, d: DomainPlan): string =>
  [
    `d${domid}: ${domid === 0 ? 'pv' : d.type}, ${d.pages} pages`,
    ...(d.vcpus > 1 ? [`${d.vcpus} vCPUs`] : []),
    ...(d.grantVersion === 2 ? ['grant table v2'] : []),
    ...(d.width === 32 ? ['32 bits'] : []),
    ...(d.fifo ? ['FIFO events'] : []),
    ...(d.furnished ? ['with the devices of a Linux guest'] : []),
  ].join(', ');

/** What `buildPlan` makes of a shape. */
const memoryText = (shape: number): readonly string[] => [
  ...(shape % 2 === 1 ? ['bootmem of 4 MiB'] : []),
  ...(Math.floor(shape / 2) % 2 === 1 ? ['an image of 4 MiB'] : []),
  ...(Math.floor(shape / 4) % 2 === 1 ? ['holes in RAM'] : []),
  ...(Math.floor(shape / 8) % 2 === 1 ? ['most RAM above frame 0x10000'] : []),
];

const partLine = (p: Part, domids: readonly number[]): string => {
  const to = p.other === p.at ? '' : ` d${domids[p.other]}`;
  return `d${domids[p.at]}${to} ${p.n.join(',')}: ${kindOf(p.kind)?.says ?? p.kind}`;
};

/** The version, each domain, each part. */
export const describePlan = (plan: HostPlan): readonly string[] => {
  const domids = domidsOf(plan.domains);
  return [
    [`Xen ${plan.version.id}`, ...memoryText(plan.shape)].join(', '),
    ...plan.domains.map((d, i) => domainLine(domids[i] as number, d)),
    ...plan.parts.map((p) => partLine(p, domids)),
  ].map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH - 3)}...` : line));
};
