/**
 * Hosts built by history, checked at every step: model-based commands, one
 * for each event that guests, dom0 and Xen itself can bring about. A small
 * model of counts and states (`commands/model.ts`) tells whether an event
 * happens and what it changes, on its own; the host must tell the same.
 */
import fc from 'fast-check';
import type { XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { type Broken, HostCommand, type Real } from './commands/command.ts';
import { type Model, observe } from './commands/model.ts';
import { eventTypes } from './history/event-of.ts';

export { Disagreement, type Told } from './commands/command.ts';

export type Commands = Iterable<fc.Command<Model, Real>>;

const numbers = fc.noBias(
  fc.tuple(fc.nat(9_999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999)),
);

/**
 * Up to `maxCommands` commands, default 40. Their places are numbers modulo
 * what exists, so that any part of them is a history as well.
 */
export const hostCommands = (maxCommands = 40): fc.Arbitrary<Commands> =>
  fc.commands<Model, Real>(
    eventTypes.map((type) => numbers.map((n) => new HostCommand(type, n))),
    { maxCommands, size: '+1', disableReplayLog: true },
  );

/**
 * Runs the commands that could happen, in their order. The result is in
 * `real`, also of those before a disagreement.
 *
 * @throws Disagreement
 */
export const runCommands = (commands: Commands, real: Real): void =>
  fc.modelRun(() => ({ model: observe(real.host), real }), commands);

/** What is done otherwise with a host: another `apply`, to plant bugs; somebody who judges it. */
export interface RealOptions {
  readonly apply?: typeof apply;
  readonly judge?: (host: Host) => readonly Broken[];
}

/** A host that no command has touched yet. */
export const realHost = (host: Host, version: XenVersion, options: RealOptions = {}): Real => ({
  host,
  version,
  apply: options.apply ?? apply,
  judge: options.judge ?? (() => []),
  told: [],
});
