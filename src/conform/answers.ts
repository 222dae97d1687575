/**
 * What the sayings of the charts are answered with: what is known of a
 * domain, a vCPU or RCU as yes, no or not known. The names are those of the
 * charts in `machines/`; a saying that is not answered here is not known.
 */
import type { Answers } from './follow.ts';
import { FREE, HOLD, type Holds, ifDying, ifShutDown, surely } from './holds.ts';
import {
  BLOCKED,
  type DomainKnown,
  NO,
  RUNNABLE,
  RUNNING,
  type Tri,
  UNKNOWN,
  type VcpuKnown,
  YES,
} from './known.ts';

const not = (answer: Tri): Tri => (answer === UNKNOWN ? UNKNOWN : answer === YES ? NO : YES);
const yesIf = (holds: boolean): Tri => (holds ? YES : UNKNOWN);
const noIf = (fails: boolean): Tri => (fails ? NO : UNKNOWN);

/** Answers by what they follow from, so that equal ones are one. */
class Interned {
  readonly #known = new Map<string, Answers>();

  of(key: string, make: () => Answers['says']): Answers {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = { id: this.#known.size, says: make() };
    this.#known.set(key, made);
    return made;
  }
}

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

const domainSays = (d: DomainKnown, { free, dying, shut }: Together): Answers['says'] => {
  const there = d.exists;
  const gone = there === NO;
  const aliveNow =
    gone || dying === YES ? NO : d.fresh ? YES : there === YES ? not(dying) : UNKNOWN;
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

const vcpuSays = (v: VcpuKnown, d: DomainKnown): Answers['says'] => {
  const onCpu = v.runstate === RUNNING || v.runstate === RUNNABLE;
  const blocked = v.runstate === BLOCKED;
  const free = v.holds === FREE;
  const down = surely(v.holds, HOLD.down);
  const upNow: Tri = onCpu || free ? YES : down ? NO : UNKNOWN;
  const elsewhere = noIf(onCpu || blocked || d.pv === YES);
  return {
    present: d.exists,
    absent: not(d.exists),
    online: upNow,
    offline: not(upNow),
    guest: noIf(blocked),
    hypercall: noIf(blocked),
    blocked: noIf(onCpu),
    polling: noIf(onCpu),
    tasklet: noIf(onCpu || blocked),
    ready: elsewhere,
    inProcess: elsewhere,
    completing: elsewhere,
    suspended: elsewhere,
    waitQueue: noIf(onCpu || blocked),
    unpaused: free ? YES : noIf(surely(v.holds, HOLD.shutdown)),
    paused: free ? NO : yesIf(surely(v.holds, HOLD.shutdown)),
    // No update is under way in a trace of one Xen.
    loose: YES,
    parked: NO,
    inStream: NO,
    made: NO,
  };
};

class Answering {
  readonly #domains = new Interned();
  readonly #vcpus = new Map<Holds, Map<number, Answers>>();
  readonly #rcu = new Interned();
  #vcpuAnswers = 0;

  domain(d: DomainKnown): Answers {
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
    return this.#domains.of(key, () => domainSays(d, t));
  }

  /** Asked at every block and wake: no text is made of it. */
  vcpu(v: VcpuKnown, d: DomainKnown): Answers {
    let byState = this.#vcpus.get(v.holds);
    if (byState === undefined) {
      byState = new Map();
      this.#vcpus.set(v.holds, byState);
    }
    const key = ((v.runstate + 1) * 3 + (d.exists + 1)) * 3 + (d.pv + 1);
    const known = byState.get(key);
    if (known !== undefined) return known;
    const made = { id: this.#vcpuAnswers++, says: vcpuSays(v, d) };
    byState.set(key, made);
    return made;
  }

  /** `waiting` domains that RCU has to free, and whether there may be more. */
  rcu(waiting: number, more: boolean): Answers {
    const is = waiting > 0 ? YES : more ? UNKNOWN : NO;
    return this.#rcu.of(`${is}`, () => ({ waiting: is, quiet: not(is) }));
  }
}

/** Answers for the charts `domain`, `vcpu` and `rcu`: the same wherever the same is known. */
export const answering = new Answering();
