/** Which versions of Xen can be updated to which: every pair tried on the same hosts. */
import { loadInvariants } from '../../properties/registry.ts';
import { defaultDesign } from '../design/design.ts';
import { VERSIONS, type XenVersion } from '../design/versions.ts';
import type { Host } from '../host/host.ts';
import { counterexampleOf, updateAndJudge } from './judge-update.ts';
import { type VersionHost, versionHosts } from './version-hosts.ts';

/** A host that was not carried, and why. */
export interface Uncarried {
  readonly host: string;
  readonly reasons: readonly string[];
}

/** One pair of versions. Every host of it is in one of the three. */
export interface VersionCell {
  readonly from: string;
  readonly to: string;
  /** Resumed under xen#2 with all invariants kept. */
  readonly carried: readonly string[];
  /** Refused before the point of no return; nothing was changed. */
  readonly refused: readonly Uncarried[];
  /** A crash, or an invariant broken: what may never be. */
  readonly lost: readonly Uncarried[];
}

export interface VersionMatrix {
  readonly versions: readonly string[];
  /** Hosts by name, each with the open questions that it answers unusually. */
  readonly hosts: readonly { readonly name: string; readonly policies?: object }[];
  /** By `from`, then by `to`. */
  readonly cells: readonly VersionCell[];
}

/** The same host under a Xen of another version. */
const under = (host: Host, from: XenVersion): Host => ({
  ...host,
  xen: { ...host.xen, build: { ...host.xen.build, version: from.id } },
});

type Invariants = Awaited<ReturnType<typeof loadInvariants>>;
type Fate = { readonly kind: keyof Omit<VersionCell, 'from' | 'to'> } & Uncarried;

const fateOf = (
  { name, host, policies }: VersionHost,
  from: XenVersion,
  to: XenVersion,
  invariants: Invariants,
): Fate => {
  const design = { ...defaultDesign, policies: { ...defaultDesign.policies, ...policies } };
  const judged = updateAndJudge({ host: under(host, from), from, to, design, invariants });
  const { outcome } = judged;
  if (outcome.kind === 'refused') return { kind: 'refused', host: name, reasons: outcome.reasons };
  const wrong = counterexampleOf(judged);
  return wrong === undefined
    ? { kind: 'carried', host: name, reasons: [] }
    : { kind: 'lost', host: name, reasons: wrong.what };
};

const cellOf = (
  hosts: readonly VersionHost[],
  from: XenVersion,
  to: XenVersion,
  invariants: Invariants,
): VersionCell => {
  const fates = hosts.filter((h) => h.exists(from)).map((h) => fateOf(h, from, to, invariants));
  const uncarried = (kind: Fate['kind']): Uncarried[] =>
    fates.filter((f) => f.kind === kind).map(({ host, reasons }) => ({ host, reasons }));
  return {
    from: from.id,
    to: to.id,
    carried: fates.filter((f) => f.kind === 'carried').map((f) => f.host),
    refused: uncarried('refused'),
    lost: uncarried('lost'),
  };
};

/** All pairs of the described versions, both ways and with themselves. */
export const versionMatrix = async (
  onProgress: (what: string) => void = () => undefined,
): Promise<VersionMatrix> => {
  const invariants = await loadInvariants();
  const hosts = versionHosts();
  const cells = VERSIONS.flatMap((from) =>
    VERSIONS.map((to) => {
      onProgress(`Xen ${from.id} -> ${to.id}`);
      return cellOf(hosts, from, to, invariants);
    }),
  );
  return {
    versions: VERSIONS.map((v) => v.id),
    hosts: hosts.map(({ name, policies }) => ({ name, ...(policies && { policies }) })),
    cells,
  };
};
