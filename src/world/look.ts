/** Where charts look: at a domain, at a vCPU, and at what the update carries of them. */
import type { Domain, Teardown } from '../host/domain.ts';
import type { Host } from '../host/host.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { hostOf } from '../liveupdate/update.ts';
import type { Ask, Saying } from './chart.ts';
import type { World } from './world.ts';

/** Of a kind that there is one of for each domain. */
export interface DomainPlace extends Readonly<Record<string, number>> {
  readonly domid: number;
}
/** Of a kind that there is one of for each vCPU. */
export interface VcpuPlace extends Readonly<Record<string, number>> {
  readonly domid: number;
  readonly vcpu: number;
}

/** The domain in the domain list of the Xen that runs, or undefined. */
export const domainAt = (world: World, { domid }: DomainPlace): Domain | undefined =>
  hostOf(world).xen.domains[domid];

export const vcpuAt = (world: World, { domid, vcpu }: VcpuPlace): Vcpu | undefined =>
  hostOf(world).xen.domains[domid]?.vcpus[vcpu];

/** Does the domain leave the domain list by this event? Its last reference goes (F2.15). */
export const isGoing = ({ world, after, of }: Ask<DomainPlace>): boolean =>
  domainAt(world, of) !== undefined && domainAt(after, of) === undefined;

/** Every vCPU of every domain, with its domid. */
export const allVcpus = ({ xen }: Host): readonly { readonly domid: number; readonly v: Vcpu }[] =>
  Object.values(xen.domains).flatMap((d) => d.vcpus.map((v) => ({ domid: d.domid, v })));

/** The passes that the domain has gone through in xen#2: 1 is pass 0a, 5 pass 2. */
export const passesOf = (world: World, domid: number): number => world.passes[domid] ?? 0;

/** Number of the last pass: with it a domain is what it was. */
const LAST_PASS = 5;

/** xen#2 runs, the domain is one of those in the stream, and not all of its passes are done. */
export const isBeingMade = (world: World, domid: number): boolean =>
  world.restoring !== null && world.saved.includes(domid) && passesOf(world, domid) < LAST_PASS;

/** What holds of a domain that the Xen which runs has in its list, with all of its records. */
export const ofDomain =
  (holds: (d: Domain) => boolean): Saying<DomainPlace> =>
  (world, of) => {
    const d = domainAt(world, of);
    return d !== undefined && !isBeingMade(world, of.domid) && holds(d);
  };

/** domain_kill is under way, and one of these phases comes next. */
export const atPhase = (...phases: readonly Teardown['phase'][]): Saying<DomainPlace> =>
  ofDomain((d) => d.dying === 'dying' && phases.includes(d.teardown.phase));

/** How many domids that nobody has a chart of what is to come looks at. */
const DOMIDS_TO_COME = 3;

/** The lowest domids that nobody has: a tool stack takes them next. */
export const freeDomids = (host: Host): number[] => {
  const free: number[] = [];
  for (let id = 1; free.length < DOMIDS_TO_COME; id++)
    if (host.xen.domains[id] === undefined) free.push(id);
  return free;
};
