/** Where charts look: at a domain, at a vCPU, and at what the update carries of them. */
import type { Domain } from '../host/domain.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { hostOf } from '../liveupdate/update.ts';
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

/** xen#2 runs, and the stream holds the domain, whether it has been made anew yet or not. */
export const isCarried = (world: World, domid: number): boolean =>
  world.restoring !== null && world.saved.includes(domid);

/** The passes that the domain has gone through in xen#2: 1 is pass 0a, 5 pass 2. */
export const passesOf = (world: World, domid: number): number => world.passes[domid] ?? 0;

/** Number of the last pass: with it a domain is what it was. */
export const LAST_PASS = 5;

/** xen#2 has begun to make the domain, and some of its passes are still to come. */
export const isBeingMade = (world: World, domid: number): boolean =>
  world.restoring !== null && passesOf(world, domid) < LAST_PASS;
