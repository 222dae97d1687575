/**
 * A small Xen that writes its trace: a scheduler, pauses, shutdowns, grants
 * and the ends of domains, in the order in which common/sched and
 * common/domain.c of 4.17 write their records. What happens is up to dice.
 */
import { CALL, Script, type State } from './script.ts';

interface Vcpu {
  readonly d: Domain;
  readonly id: number;
  pauseCount: number;
  blocked: boolean;
  down: boolean;
  forShutdown: boolean;
  state: State;
}

interface Domain {
  readonly id: number;
  readonly vcpus: Vcpu[];
  pauseCount: number;
  controller: number;
  /** Mappings of its grants by dom0, and of its pages by dom0's page tables. */
  mapped: number;
  foreign: number;
  dying: boolean;
}

/** What a broken Xen does wrong, once. */
export const WRONGS = [
  'a pause that never takes effect',
  'a domain gone while its grants are mapped',
  'an unpause that runs a shut-down guest',
] as const;
export type Wrong = (typeof WRONGS)[number];

const CPUS = 3;
const VCPU_OP = 24;
const MMU_UPDATE = 1;

export class Simulator {
  readonly script = new Script(CPUS);
  readonly #roll: (n: number) => number;
  readonly #domains: Domain[] = [];
  readonly #running: (Vcpu | null)[] = Array.from({ length: CPUS }, () => null);
  /** Domains without a reference that RCU has yet to free. */
  #waiting: number[] = [];
  #nextId = 1;
  readonly #wrong: Wrong | undefined;
  /** Has it gone wrong? */
  wentWrong = false;

  constructor(roll: (n: number) => number, wrong?: Wrong) {
    this.#roll = roll;
    this.#wrong = wrong;
    const dom0 = this.#newDomain(0, 2);
    dom0.pauseCount = 0;
    dom0.vcpus.forEach((v, cpu) => {
      v.down = false;
      v.state = 'running';
      this.#running[cpu] = v;
      this.script.run(cpu, 0, cpu).call(cpu, CALL.iret);
    });
  }

  /** Lets one thing happen. */
  step(): void {
    const cpu = this.#roll(CPUS);
    const v = this.#running[cpu] ?? null;
    switch (this.#roll(v === null ? 3 : 6)) {
      case 0:
        this.#schedule(cpu);
        break;
      case 1:
        this.#event(cpu);
        break;
      case 2:
        this.#rcu(cpu);
        break;
      default:
        if (v?.d.id === 0) this.#dom0(cpu);
        else if (v !== null) this.#guest(cpu, v);
    }
  }

  #newDomain(id: number, vcpus: number): Domain {
    const d: Domain = {
      id,
      vcpus: [],
      pauseCount: 1,
      controller: 1,
      mapped: 0,
      foreign: 0,
      dying: false,
    };
    for (let n = 0; n < vcpus; n++) {
      d.vcpus.push({
        d,
        id: n,
        pauseCount: 0,
        blocked: false,
        down: true,
        forShutdown: false,
        state: 'offline',
      });
    }
    this.#domains.push(d);
    return d;
  }

  #runnable(v: Vcpu): boolean {
    return !v.blocked && !v.down && v.pauseCount === 0 && v.d.pauseCount === 0;
  }

  #becomes(cpu: number, v: Vcpu, state: State): void {
    v.state = state;
    this.script.becomes(cpu, v.d.id, v.id, state);
  }

  /** The scheduler decides on a CPU. */
  #schedule(cpu: number): void {
    const before = this.#running[cpu] ?? null;
    const ready = this.#domains
      .flatMap(({ vcpus }) => vcpus)
      .filter((v) => v.state === 'runnable' && this.#runnable(v));
    const stays = before !== null && this.#runnable(before);
    if (stays && (ready.length === 0 || this.#roll(2) === 0)) {
      const { d, id } = before;
      this.script.record(cpu, 0x28011, d.id, id, 1, 1).record(cpu, 0x21002, d.id * 65536 + id);
      return;
    }
    const next = ready.length === 0 ? null : (ready[this.#roll(ready.length)] ?? null);
    if (before === null && next === null) return;
    const left: State = before?.blocked ? 'blocked' : stays ? 'runnable' : 'offline';
    if (next === null) this.script.idle(cpu, left);
    else {
      this.script.assume('runnable', [next.d.id, next.id]).run(cpu, next.d.id, next.id, left);
      next.state = 'running';
    }
    if (before !== null) before.state = left;
    this.#running[cpu] = next;
  }

  /** vcpu_sleep_nosync; a vCPU that runs elsewhere is off its CPU at once if `sync`. */
  #sleep(cpu: number, v: Vcpu, sync: boolean): void {
    this.script.sleep(cpu, v.d.id, v.id);
    if (this.#runnable(v)) return;
    if (v.state === 'runnable') this.#becomes(cpu, v, 'offline');
    const on = this.#running.indexOf(v);
    if (on >= 0 && on !== cpu && sync) this.#schedule(on);
  }

  #wake(cpu: number, v: Vcpu): void {
    this.script.wake(cpu, v.d.id, v.id);
    if (this.#runnable(v)) {
      if (v.state === 'blocked' || v.state === 'offline') this.#becomes(cpu, v, 'runnable');
    } else if (!v.blocked && v.state === 'blocked') this.#becomes(cpu, v, 'offline');
  }

  #pause(cpu: number, d: Domain): void {
    d.pauseCount += 1;
    for (const v of d.vcpus) this.#sleep(cpu, v, true);
  }

  #unpause(cpu: number, d: Domain): void {
    d.pauseCount -= 1;
    if (d.pauseCount === 0) for (const v of d.vcpus) this.#wake(cpu, v);
  }

  /** An event for some vCPU that is blocked, whoever executes here. */
  #event(cpu: number): void {
    const asleep = this.#domains.flatMap(({ vcpus }) => vcpus).filter(({ blocked }) => blocked);
    const v = asleep[this.#roll(asleep.length)];
    if (v === undefined) return;
    v.blocked = false;
    this.#wake(cpu, v);
  }

  #rcu(cpu: number): void {
    for (const id of this.#waiting) this.script.record(cpu, 0x28002, id);
    this.#waiting = [];
  }

  #block(cpu: number, v: Vcpu): void {
    this.script.call(cpu, CALL.sched, this.#roll(2) === 0 ? 1 : 3);
    v.blocked = true;
    this.script.record(cpu, 0x28006, v.d.id, v.id);
    this.#schedule(cpu);
  }

  #guest(cpu: number, v: Vcpu): void {
    const { d } = v;
    const other = d.vcpus[this.#roll(d.vcpus.length)] as Vcpu;
    switch (this.#roll(8)) {
      case 0:
        this.script.call(cpu, CALL.evtchn);
        break;
      case 1:
        if (other === v || other.down) break;
        // VCPUOP_down is for the vCPU itself.
        this.script.call(cpu, VCPU_OP, 2, v.id);
        v.down = true;
        this.#sleep(cpu, v, false);
        this.#schedule(cpu);
        break;
      case 2:
        if (!other.down) break;
        this.script.call(cpu, VCPU_OP, 1, other.id);
        other.down = false;
        this.#wake(cpu, other);
        break;
      case 3:
        this.#shutdown(cpu, v, this.#roll(6));
        break;
      default:
        this.#block(cpu, v);
    }
  }

  #shutdown(cpu: number, v: Vcpu, code: number): void {
    this.script.shutdown(cpu, v.d.id, v.id, code);
    for (const each of v.d.vcpus) {
      each.pauseCount += 1;
      each.forShutdown = true;
      this.#sleep(cpu, each, false);
      const on = this.#running.indexOf(each);
      if (on >= 0 && on !== cpu) this.#schedule(on);
    }
    this.#schedule(cpu);
  }

  #dom0(cpu: number): void {
    const v = this.#running[cpu] as Vcpu;
    const guests = this.#domains.filter(({ id }) => id !== 0);
    const d = guests[this.#roll(guests.length)];
    const what = this.#roll(12);
    if (d === undefined || what === 0) {
      if (guests.length < 4) this.#create(cpu);
      return;
    }
    if (what === 1) this.#block(cpu, v);
    else if (what === 2 && !d.dying) this.#map(cpu, d);
    else if (what <= 4) this.#letGo(cpu, d);
    else if (!d.dying) this.#domctl(cpu, d, what);
    if (this.#running[cpu] === v) this.script.call(cpu, CALL.iret);
  }

  #create(cpu: number): void {
    const id = this.#nextId++;
    const d = this.#newDomain(id, 1 + this.#roll(2));
    this.script.create(cpu, id).call(cpu, CALL.iret);
    if (this.#roll(8) === 0) d.vcpus.length = 0;
    // setvcpucontext of vCPU 0, with a short pause.
    this.script.call(cpu, CALL.domctl);
    this.#pause(cpu, d);
    for (const v of d.vcpus.slice(0, 1)) v.down = false;
    this.#unpause(cpu, d);
    this.script.call(cpu, CALL.iret);
  }

  #map(cpu: number, d: Domain): void {
    if (this.#roll(3) === 0) d.foreign += 1;
    else {
      d.mapped += 1;
      this.script.map(cpu, d.id);
    }
  }

  #letGo(cpu: number, d: Domain): void {
    if (d.mapped > 0) {
      d.mapped -= 1;
      this.script.unmap(cpu, d.id);
    } else if (d.foreign > 0) {
      d.foreign -= 1;
      this.script.call(cpu, MMU_UPDATE, 1);
    }
    this.#put(cpu, d);
  }

  /** Shall it go wrong so here? Once is enough. */
  #isWrong(how: Wrong): boolean {
    if (this.#wrong !== how || this.wentWrong) return false;
    this.wentWrong = true;
    return true;
  }

  /** The last reference of a domain that is dead. */
  #put(cpu: number, d: Domain): void {
    if (!d.dying) return;
    const kept = d.mapped > 0 || d.foreign > 0;
    if (kept && (d.mapped === 0 || !this.#isWrong(WRONGS[1]))) return;
    this.script.record(cpu, 0x41002, d.id);
    this.#waiting.push(d.id);
    this.#domains.splice(this.#domains.indexOf(d), 1);
  }

  #domctl(cpu: number, d: Domain, what: number): void {
    this.script.call(cpu, CALL.domctl);
    switch (what) {
      case 5:
      case 6:
        if (d.controller === 0) break;
        d.controller -= 1;
        this.#reviveWrongly(d);
        this.#unpause(cpu, d);
        break;
      case 7:
        if (d.controller > 2) break;
        d.controller += 1;
        this.#pauseForLong(cpu, d);
        break;
      case 8:
        // A domctl that looks at registers.
        this.#pause(cpu, d);
        this.#unpause(cpu, d);
        break;
      case 9:
        this.#resume(cpu, d);
        break;
      case 10:
        if (this.#roll(3) === 0) this.#destroy(cpu, d);
        break;
    }
  }

  /** pausedomain; in a broken Xen a vCPU runs on. */
  #pauseForLong(cpu: number, d: Domain): void {
    const runs = d.vcpus.find((v) => v.state === 'running');
    if (d.pauseCount > 0 || runs === undefined || !this.#isWrong(WRONGS[0])) {
      this.#pause(cpu, d);
      return;
    }
    d.pauseCount += 1;
    for (const v of d.vcpus) this.#sleep(cpu, v, v !== runs);
  }

  /** In a broken Xen the end of a pause ends that of a shutdown as well. */
  #reviveWrongly(d: Domain): void {
    const v = d.vcpus.find((each) => each.forShutdown && !each.down && !each.blocked);
    if (d.pauseCount !== 1 || v?.pauseCount !== 1 || !this.#isWrong(WRONGS[2])) return;
    v.pauseCount = 0;
    v.forShutdown = false;
  }

  #resume(cpu: number, d: Domain): void {
    this.#pause(cpu, d);
    for (const v of d.vcpus) {
      if (!v.forShutdown) continue;
      v.forShutdown = false;
      v.pauseCount -= 1;
      if (v.pauseCount === 0) this.#wake(cpu, v);
    }
    this.#unpause(cpu, d);
  }

  #destroy(cpu: number, d: Domain): void {
    this.#pause(cpu, d);
    d.dying = true;
    for (let n = this.#roll(4); n > 0; n--) this.script.call(cpu, CALL.domctl);
    this.#put(cpu, d);
  }
}
