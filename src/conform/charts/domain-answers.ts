/** What the sayings of the domain's chart are answered with. */
import type { Answers } from '../choice.ts';
import { FREE, ifDying, ifShutDown } from '../holds.ts';
import type { DomainKnown } from '../known.ts';
import { NO, type Tri, UNKNOWN, YES } from '../tri.ts';
import { Interned, noIf, not, yesIf } from './interned.ts';

/** What the vCPUs of a domain tell of it together. */
interface Together {
  /** One of them may run, for certain: nothing holds the domain. */
  readonly free: boolean;
  /** Is it being destroyed? */
  readonly dying: Tri;
  /** All are paused for a shutdown. */
  readonly shut: boolean;
}

const together = (d: DomainKnown): Together => {
  let [free, alive, dying, shut] = [false, false, false, d.vcpus.size > 0];
  for (const { holds } of d.vcpus.values()) {
    if (holds === FREE) free = true;
    if (ifDying(holds) === 0) alive = true;
    if (holds === ifDying(holds)) dying = true;
    if (holds !== ifShutDown(holds)) shut = false;
  }
  return { free, dying: alive ? NO : dying ? YES : UNKNOWN, shut };
};

/** SHUTDOWN_* by the names of the chart's states. */
const CODES = ['poweroff', 'reboot', 'suspend', 'crash', 'watchdog', 'softReset'];

const aliveBy = (d: DomainKnown, dying: Tri): Tri => {
  if (d.exists === NO || dying === YES) return NO;
  return d.fresh ? YES : d.exists === YES ? not(dying) : UNKNOWN;
};

const domainSays = (d: DomainKnown, { free, dying, shut }: Together): Answers['says'] => {
  const there = d.exists;
  const gone = there === NO;
  const aliveNow = aliveBy(d, dying);
  const destroyed =
    gone && d.waiting > 0 ? YES : there === YES ? NO : noIf(gone && !d.waitingUnknown);
  const up = free || d.shut === NO ? YES : noIf(shut || d.shut === YES);
  const codes = CODES.map((name, code): [string, Tri] => [
    name,
    d.code === UNKNOWN ? UNKNOWN : d.code === code ? YES : NO,
  ]);
  return {
    absent: gone ? not(destroyed) : noIf(there === YES),
    destroyed,
    alive: aliveNow,
    dying: gone ? NO : noIf(aliveNow === YES),
    zombie: gone ? NO : noIf(aliveNow === YES),
    created: d.fresh ? YES : noIf(!d.born || d.started || free),
    released: free ? YES : noIf(d.fresh),
    pausedOnce: noIf(free),
    pausedOften: noIf(free),
    running: free ? YES : noIf(d.fresh),
    stopped: noIf(free),
    up,
    shuttingDown: up === YES || d.pv === YES ? NO : UNKNOWN,
    shutDown: up === YES ? NO : yesIf(shut && d.pv === YES),
    coded: noIf(d.coded === NO),
    ...Object.fromEntries(codes),
    // No update is under way in a trace of one Xen, and no monitor is assumed.
    parked: NO,
    monitored: NO,
    unheld: aliveNow,
    inStream: NO,
    madeBy0a: NO,
    madeBy0b: NO,
    madeBy0c: NO,
    madeBy1: NO,
  };
};

const known = new Interned();

/** What is known of a domain: the same answers wherever the same is known. */
export const domainAnswers = (d: DomainKnown): Answers => {
  const t = together(d);
  const key = [
    d.exists,
    d.waiting > 0,
    d.waitingUnknown,
    d.born,
    d.started,
    d.fresh,
    d.shut,
    d.code,
    d.coded,
    d.pv,
    t.free,
    t.dying,
    t.shut,
  ].join();
  return known.of(key, () => domainSays(d, t));
};

/** Is it alive, as far as its existence and its vCPUs tell? */
export const isAlive = (d: DomainKnown): Tri => aliveBy(d, together(d).dying);
