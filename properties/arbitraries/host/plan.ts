/**
 * A random host as a plan: what it is made of, in numbers that mean something
 * in any host, so that parts can be left out while shrinking. `host/build`
 * turns a plan into a host; the same plan always gives the same one.
 */
import { VERSIONS, type XenVersion } from '../../../src/design/versions.ts';
import type { DomainType } from '../../../src/host/domain.ts';

/** One domain; the first of a plan is dom0, whatever it says of its domid. */
export interface DomainPlan {
  readonly type: DomainType;
  /** Ordinary pages at its creation. */
  readonly pages: number;
  readonly vcpus: number;
  readonly grantVersion: 1 | 2;
  /** Bits of its words; 32 for some PV domains only. */
  readonly width: 64 | 32;
  /** It uses the FIFO ABI from the start. */
  readonly fifo: boolean;
  /** Domids left out before its own: domains that have gone. */
  readonly gap: number;
  /** With the ports and grants that a Linux guest has, and their other ends in dom0. */
  readonly furnished: boolean;
}

/**
 * Something that a host has besides its domains: a kind of `parts/`, the
 * domain that has it, another one that it has to do with (both as positions
 * in the plan), and numbers that choose among its forms; 0 is the plain one.
 */
export interface Part {
  readonly kind: string;
  readonly at: number;
  readonly other: number;
  readonly n: readonly [number, number, number];
}

export interface HostPlan {
  readonly version: XenVersion;
  /** Place of the image and size of bootmem, in units of 2 MiB; holes in RAM. */
  readonly shape: number;
  readonly domains: readonly DomainPlan[];
  readonly parts: readonly Part[];
}

/** The plainest domain of all. Page tables or P2M, and nothing else, fit its pages. */
export const PLAINEST: DomainPlan = {
  type: 'pv',
  pages: 24,
  vcpus: 1,
  grantVersion: 1,
  width: 64,
  fifo: false,
  gap: 0,
  furnished: false,
};

/** The version that plans shrink to: the one of the real hosts. */
export const PLAIN_VERSION = VERSIONS.find((v) => v.id === '4.17') as XenVersion;

/** Domains and parts: what a person has to read of a counterexample. */
export const objectsOf = (plan: HostPlan): number => plan.domains.length + plan.parts.length;

const weightOf = (d: DomainPlan): number =>
  d.pages +
  d.vcpus +
  d.grantVersion +
  (d.width === 64 ? 0 : 1) +
  d.gap +
  ['pv', 'pvh', 'hvm'].indexOf(d.type) +
  (d.fifo ? 1 : 0) +
  (d.furnished ? 1 : 0);

/**
 * The measure that every shrink makes smaller, in the order of what matters
 * to a reader: domains, parts, then the numbers in them.
 */
export const sizeOf = (plan: HostPlan): readonly [number, number, number] => [
  plan.domains.length,
  plan.parts.length,
  plan.domains.reduce((sum, d) => sum + weightOf(d), 0) +
    plan.parts.reduce((sum, p) => sum + p.at + p.other + p.n[0] + p.n[1] + p.n[2], 0) +
    plan.shape +
    (plan.version === PLAIN_VERSION ? 0 : 1),
];

/** Is `a` strictly smaller than `b`? */
export const isSmaller = (a: HostPlan, b: HostPlan): boolean => {
  const [x, y] = [sizeOf(a), sizeOf(b)];
  const at = x.findIndex((n, i) => n !== y[i]);
  return at >= 0 && (x[at] as number) < (y[at] as number);
};
