/** What the host says of a domain: its pauses, its shutdown, its end, its passage to xen#2 (F2). */
import { SHUTDOWN, SHUTDOWN_CODE_INVALID } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { domid as toDomid } from '../../src/host/ids.ts';
import { hostOf } from '../../src/liveupdate/update.ts';
import type { Saying } from '../../src/world/chart.ts';
import {
  domainAt,
  isBeingMade,
  ofDomain,
  type DomainPlace as Place,
  passesOf,
} from '../../src/world/look.ts';
import { teardownSays } from './teardown.ts';

type Says = Saying<Place>;
const alive = (holds: (d: Domain) => boolean): Says =>
  ofDomain((d) => d.dying === 'alive' && holds(d));
const shutDownWith = (code: number): Says =>
  alive((d) => d.shutdown.state === 'complete' && d.shutdown.code === code);
const madeUpTo =
  (pass: number): Says =>
  (world, of) =>
    domainAt(world, of) !== undefined &&
    isBeingMade(world, of.domid) &&
    passesOf(world, of.domid) === pass;

const isDestroyed: Says = (world, { domid }) =>
  hostOf(world).xen.system.destroying.includes(toDomid(domid));

/** What the host says while the chart is in the state that bears the name. */
export const domainSays = {
  ...teardownSays,
  absent: (w, of) => domainAt(w, of) === undefined && !isDestroyed(w, of),
  alive: alive(() => true),
  created: alive((d) => d.controllerPauseCount > 0 && !d.creationFinished),
  released: alive((d) => d.controllerPauseCount === 0),
  pausedOnce: alive((d) => d.controllerPauseCount === 1),
  pausedOften: alive((d) => d.controllerPauseCount > 1),
  unheld: alive((d) => !d.pausers.includes('lu') && !d.pausers.includes('vm_event')),
  parked: alive((d) => d.pausers.includes('lu')),
  monitored: alive((d) => d.pausers.includes('vm_event')),
  running: alive((d) => d.pauseCount === 0),
  stopped: alive((d) => d.pauseCount > 0),
  up: alive((d) => d.shutdown.state === 'none'),
  codeless: alive((d) => d.shutdown.state === 'none' && d.shutdown.code === SHUTDOWN_CODE_INVALID),
  coded: alive((d) => d.shutdown.state === 'none' && d.shutdown.code !== SHUTDOWN_CODE_INVALID),
  shuttingDown: alive((d) => d.shutdown.state === 'in_progress'),
  shutDown: alive((d) => d.shutdown.state === 'complete'),
  poweroff: shutDownWith(SHUTDOWN.poweroff),
  reboot: shutDownWith(SHUTDOWN.reboot),
  suspend: shutDownWith(SHUTDOWN.suspend),
  crash: shutDownWith(SHUTDOWN.crash),
  watchdog: shutDownWith(SHUTDOWN.watchdog),
  softReset: shutDownWith(SHUTDOWN.soft_reset),
  destroyed: isDestroyed,
  inStream: (w, of) => domainAt(w, of) === undefined && isBeingMade(w, of.domid),
  madeBy0a: madeUpTo(1),
  madeBy0b: madeUpTo(2),
  madeBy0c: madeUpTo(3),
  madeBy1: madeUpTo(4),
} satisfies Readonly<Record<string, Says>>;
