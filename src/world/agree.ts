/**
 * State and data are two tellings of one thing: while a chart is in a state
 * that says something, the host has to say the same. A state reached without
 * that has an event missing before it, or a guard that asks the wrong thing.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { Place, Saying } from './chart.ts';
import type { World } from './world.ts';

/** What `compose` leaves in the meta of every state of a member that says something. */
export interface Claim {
  /** The member: `domain d1`. */
  readonly member: string;
  /** The state, by its id in the chart: `domain.alive.shutdown.up`. */
  readonly state: string;
  /** The saying by its name, and what it is. */
  readonly says: string;
  readonly holds: Saying<Place>;
  readonly of: Place;
}

export interface Agreement {
  /** States that said something. */
  readonly checked: number;
  /** Those of which the host says otherwise. */
  readonly broken: readonly Claim[];
}

/** The claims of all active states of a composition. */
const claimsOf = (snapshot: AnyMachineSnapshot): Claim[] =>
  Object.values(snapshot.getMeta() as Readonly<Record<string, { readonly claim?: Claim }>>).flatMap(
    (meta) => (meta.claim === undefined ? [] : [meta.claim]),
  );

/**
 * Holds claims against the world. A Xen that crashed did so in the middle of
 * a step: the step is not part of its world, and nobody goes on from there.
 */
export const agreed = (claims: readonly Claim[], world: World): Agreement =>
  world.crash !== null
    ? { checked: 0, broken: [] }
    : { checked: claims.length, broken: claims.filter((c) => !c.holds(world, c.of)) };

/** Holds what every active state of a composition says against its world. */
export const agreementOf = (snapshot: AnyMachineSnapshot): Agreement =>
  agreed(claimsOf(snapshot), (snapshot.context as { readonly world: World }).world);

/** "domain d1 is in domain.alive, but the host does not say alive". */
export const claimText = (c: Claim): string =>
  `${c.member} is in ${c.state}, but the host does not say ${c.says}`;
