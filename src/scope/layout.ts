/**
 * Which parts of a world are looked at apart. A *branch* is taken to pieces;
 * what is no branch is one piece, a number. Fine where events tell things
 * apart (a domain's counters, one vCPU, one page), coarse where they do not.
 */

const DOMAIN = ['config', 'shutdown', 'teardown', 'events', 'grants', 'ioreqServers', 'hvmParams'];
const DOMAIN_LISTS = ['pausers', 'unsupported', 'irqs', 'iomem', 'ioports'];

/** Paths of branches; `*` is any one key. */
const BRANCHES: readonly string[] = [
  '',
  'design',
  'design.policies',
  'host',
  'host.hardware',
  'host.hardware.content',
  'host.xen',
  'host.xen.system',
  'host.xen.frames',
  'host.xen.domains',
  'host.xen.domains.*',
  'host.xen.domains.*.vcpus',
  'restoring',
  'restoring.hardware',
  'restoring.hardware.content',
  'restoring.xen',
  'restoring.xen.system',
  'restoring.xen.frames',
  'restoring.xen.domains',
  'restoring.xen.domains.*',
  'restoring.xen.domains.*.vcpus',
];

type Kind = 'object' | 'array';

/**
 * Pieces that are never null and always of one kind: handed out without
 * being looked at, until somebody looks inside.
 */
const UNSEEN: Readonly<Record<string, Kind>> = {
  obstacles: 'array',
  refusals: 'array',
  records: 'array',
  saved: 'array',
  passes: 'object',
  resumed: 'array',
  ...Object.fromEntries(
    ['host', 'restoring'].flatMap((half) => [
      [`${half}.hardware.content.*`, 'object'],
      [`${half}.hardware.m2p`, 'object'],
      [`${half}.hardware.xenWrites`, 'array'],
      [`${half}.xen.private`, 'array'],
      [`${half}.xen.system.kexec`, 'object'],
      [`${half}.xen.system.tasklets`, 'array'],
      [`${half}.xen.system.rcu`, 'array'],
      [`${half}.xen.system.destroying`, 'array'],
      [`${half}.xen.domains.*.vcpus.*`, 'object'],
      ...DOMAIN.map((key) => [`${half}.xen.domains.*.${key}`, 'object']),
      ...DOMAIN_LISTS.map((key) => [`${half}.xen.domains.*.${key}`, 'array']),
    ]),
  ),
};

/** Lists of names that are only ever asked whether a name is among them: a field for each name. */
const SETS: readonly string[] = ['design.dropped'];

/** A place in a world, and what is known of it beforehand. */
export interface Spot {
  readonly path: string;
  readonly branch: boolean;
  readonly set: boolean;
  readonly unseen: Kind | null;
  readonly below: Map<string, Spot>;
}

/** Names of numbered things: domids, vCPUs, frames. */
const patternOf = (path: string): string => path.replace(/(?<=\.)\d+(?=\.|$)/g, '*');

const spotAt = (path: string): Spot => {
  const pattern = patternOf(path);
  return {
    path,
    branch: BRANCHES.includes(pattern),
    set: SETS.includes(pattern),
    unseen: UNSEEN[pattern] ?? null,
    below: new Map(),
  };
};

export const rootSpot = (): Spot => spotAt('');

export const spotBelow = (spot: Spot, key: string): Spot => {
  const known = spot.below.get(key);
  if (known !== undefined) return known;
  const made = spotAt(spot.path === '' ? key : `${spot.path}.${key}`);
  spot.below.set(key, made);
  return made;
};
