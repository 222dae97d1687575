/**
 * Smaller plans of the same bug: first whole domains go, with every part that
 * names them, then parts, then what is left becomes plain. Each candidate is
 * a plan as good as the one it comes from, and strictly smaller.
 */
import { type DomainPlan, type HostPlan, type Part, PLAIN_VERSION, PLAINEST } from './plan.ts';

/** Halves, quarters ... and single items of `length` items, from the end: [start, end). */
function* windows(length: number, first: number): Generator<readonly [number, number]> {
  for (let size = length - first; size >= 1; size = Math.floor(size / 2))
    for (let end = length; end > first; end -= size) yield [Math.max(first, end - size), end];
}

/** Without the domains [from, to): parts of theirs go, positions behind them move up. */
const withoutDomains = (plan: HostPlan, from: number, to: number): HostPlan => {
  const gone = (i: number): boolean => i >= from && i < to;
  const moved = (i: number): number => (i >= to ? i - (to - from) : i);
  return {
    ...plan,
    domains: plan.domains.filter((_, i) => !gone(i)),
    parts: plan.parts
      .filter((p) => !gone(p.at) && !gone(p.other))
      .map((p) => ({ ...p, at: moved(p.at), other: moved(p.other) })),
  };
};

const withDomain = (plan: HostPlan, i: number, change: Partial<DomainPlan>): HostPlan => ({
  ...plan,
  domains: plan.domains.map((d, k) => (k === i ? { ...d, ...change } : d)),
});

const withPart = (plan: HostPlan, i: number, part: Part): HostPlan => ({
  ...plan,
  parts: plan.parts.map((p, k) => (k === i ? part : p)),
});

/** The plain value of each field of a domain, where it is not that already. */
function* plainerDomain(plan: HostPlan, i: number): Generator<HostPlan> {
  const d = plan.domains[i] as DomainPlan;
  yield* d.type === 'hvm' ? [withDomain(plan, i, { type: 'pvh' })] : [];
  for (const field of ['furnished', 'fifo', 'gap', 'grantVersion', 'width', 'type'] as const)
    if (d[field] !== PLAINEST[field]) yield withDomain(plan, i, { [field]: PLAINEST[field] });
  for (const field of ['vcpus', 'pages'] as const)
    for (const n of smaller(d[field], PLAINEST[field])) yield withDomain(plan, i, { [field]: n });
}

/** The least value first, then ever nearer to `n`. */
function* smaller(n: number, least: number): Generator<number> {
  for (let gap = n - least; gap > 0; gap = Math.floor(gap / 2)) yield n - gap;
}

function* plainerPart(plan: HostPlan, i: number): Generator<HostPlan> {
  const part = plan.parts[i] as Part;
  for (const field of ['at', 'other'] as const)
    for (const n of smaller(part[field], 0)) yield withPart(plan, i, { ...part, [field]: n });
  for (const k of [0, 1, 2] as const)
    for (const n of smaller(part.n[k], 0))
      yield withPart(plan, i, { ...part, n: part.n.map((old, j) => (j === k ? n : old)) as never });
}

/** The number of dom0, which no plan can do without. */
const FIRST_GUEST = 1;

/** All smaller plans, the ones that take most away first. */
export function* smallerPlans(plan: HostPlan): Generator<HostPlan> {
  for (const [from, to] of windows(plan.domains.length, FIRST_GUEST))
    yield withoutDomains(plan, from, to);
  for (const [from, to] of windows(plan.parts.length, 0))
    yield { ...plan, parts: plan.parts.filter((_, i) => i < from || i >= to) };
  if (plan.version !== PLAIN_VERSION) yield { ...plan, version: PLAIN_VERSION };
  for (const shape of smaller(plan.shape, 0)) yield { ...plan, shape };
  for (let i = 0; i < plan.domains.length; i++) yield* plainerDomain(plan, i);
  for (let i = 0; i < plan.parts.length; i++) yield* plainerPart(plan, i);
}
