/**
 * Traces made by hand: what Xen's scheduler would write when this and that
 * happens, on as many CPUs as asked for. Written from public/trace.h and the
 * order of records that the real traces show.
 */
import { hypercall, lost, runstate, type Sample, windowOf } from '../xen/trace/encode.ts';

export const IDLE = 0x7fff;
const [RUNNING, RUNNABLE, BLOCKED, OFFLINE] = [0, 1, 2, 3] as const;
export type State = 'running' | 'runnable' | 'blocked' | 'offline';
const NUMBER: Record<State, number> = {
  running: RUNNING,
  runnable: RUNNABLE,
  blocked: BLOCKED,
  offline: OFFLINE,
};

export const CALL = {
  grant: 20,
  iret: 23,
  sched: 29,
  evtchn: 32,
  sysctl: 35,
  domctl: 36,
} as const;

interface Who {
  readonly domain: number;
  readonly vcpu: number;
}

export class Script {
  readonly #cpus: Sample[][];
  readonly #current: Who[];
  readonly #states = new Map<string, number>();
  #now = 1000n;

  /** Every CPU is idle, and says so if it `announces` itself. */
  constructor(cpus = 2, announces = true) {
    this.#cpus = Array.from({ length: cpus }, () => []);
    this.#current = this.#cpus.map((_, cpu) => ({ domain: IDLE, vcpu: cpu }));
    for (let cpu = 0; cpu < cpus; cpu++) {
      this.#states.set(`${IDLE}.${cpu}`, RUNNING);
      if (!announces) continue;
      this.record(cpu, 0x21002, IDLE * 65536 + cpu);
      this.record(cpu, 0x2800b);
    }
  }

  /** Any record, with a TSC of its own. */
  record(cpu: number, event: number, ...words: number[]): this {
    this.#now += 100n;
    return this.sample(cpu, { event, tsc: this.#now, words });
  }

  sample(cpu: number, sample: Sample): this {
    this.#cpus[cpu]?.push(sample);
    return this;
  }

  get now(): bigint {
    return this.#now;
  }

  /** Time passes without a record. */
  wait(cycles: number): this {
    this.#now += BigInt(cycles);
    return this;
  }

  /** States that vCPUs are in from here on, whatever was recorded of them. */
  assume(state: State, ...vcpus: readonly (readonly [number, number])[]): this {
    for (const [d, v] of vcpus) this.#states.set(`${d}.${v}`, NUMBER[state]);
    return this;
  }

  /** A runstate change from where the vCPU is, on its own. */
  becomes(cpu: number, domain: number, vcpu: number, state: State): this {
    const key = `${domain}.${vcpu}`;
    const from = this.#states.get(key) ?? OFFLINE;
    this.#states.set(key, NUMBER[state]);
    this.#now += 100n;
    return this.sample(cpu, runstate(this.#now, domain, vcpu, from, NUMBER[state]));
  }

  /** A context switch to a runnable vCPU; who ran goes to `left`. */
  run(cpu: number, domain: number, vcpu: number, left: State = 'runnable'): this {
    const before = this.#current[cpu] ?? { domain: IDLE, vcpu: cpu };
    this.record(cpu, 0x2800a, before.domain, before.vcpu, domain, vcpu);
    this.becomes(cpu, before.domain, before.vcpu, before.domain === IDLE ? 'runnable' : left);
    this.#current[cpu] = { domain, vcpu };
    if (!this.#states.has(`${domain}.${vcpu}`)) this.assume('runnable', [domain, vcpu]);
    return this.becomes(cpu, domain, vcpu, 'running');
  }

  idle(cpu: number, left: State): this {
    return this.run(cpu, IDLE, cpu, left);
  }

  /** Who runs on the CPU blocks. */
  block(cpu: number): this {
    const { domain, vcpu } = this.#current[cpu] ?? { domain: 0, vcpu: 0 };
    return this.record(cpu, 0x28006, domain, vcpu).idle(cpu, 'blocked');
  }

  call(cpu: number, op: number, ...args: number[]): this {
    this.#now += 100n;
    return this.sample(cpu, hypercall(this.#now, op, ...args));
  }

  /** A grant_table_op: the record has its command and its count. */
  grantCall(cpu: number, command: number, count: number): this {
    return this.record(cpu, 0x20100d, CALL.grant + 2 ** 20 + 2 ** 24, command, count);
  }

  sleep(cpu: number, domain: number, vcpu: number): this {
    return this.record(cpu, 0x28003, domain, vcpu);
  }

  /** A WAKE and what it makes of the vCPU, if anything. */
  wake(cpu: number, domain: number, vcpu: number, state?: State): this {
    this.record(cpu, 0x28004, domain, vcpu);
    return state === undefined ? this : this.becomes(cpu, domain, vcpu, state);
  }

  create(cpu: number, domain: number): this {
    return this.call(cpu, CALL.domctl).record(cpu, 0x41001, domain).record(cpu, 0x28001, domain);
  }

  shutdown(cpu: number, domain: number, vcpu: number, reason: number): this {
    return this.call(cpu, CALL.sched, 2).record(cpu, 0x28007, domain, vcpu, reason);
  }

  map(cpu: number, granter: number): this {
    return this.grantCall(cpu, 0, 1).record(cpu, 0x10f001, granter);
  }

  unmap(cpu: number, granter: number): this {
    return this.grantCall(cpu, 1, 1).record(cpu, 0x10f002, granter);
  }

  lost(cpu: number, count: number, domain: number, vcpu: number, cycles: number): this {
    const first = this.#now + 10n;
    this.#now += BigInt(cycles);
    return this.sample(cpu, lost(this.#now, count, domain, vcpu, first));
  }

  /** The file: all records in one round, then a last round that ends it. */
  bytes(): Uint8Array {
    const end = this.#now + 1000n;
    const filler: Sample = { event: 0x1f004, tsc: end, words: [] };
    const windows = [
      ...this.#cpus.map((samples, cpu) => windowOf(cpu, samples)),
      ...this.#cpus.map((_, cpu) => windowOf(cpu, [filler])),
    ];
    return Uint8Array.from(windows.flat());
  }
}

/** dom0's two vCPUs, one on each CPU, in their kernel. */
export const withDom0 = (): Script =>
  new Script(2).run(0, 0, 0).call(0, CALL.iret).run(1, 0, 1).call(1, CALL.iret);

/** A PV guest d`domain` created and started by dom0 on CPU 0; it runs on CPU 1 after dom0's vCPU 1 blocked. */
export const startGuest = (s: Script, domain: number): Script =>
  s
    .create(0, domain)
    .call(0, CALL.domctl)
    .sleep(0, domain, 0)
    .call(0, CALL.iret)
    .call(0, CALL.domctl)
    .wake(0, domain, 0, 'runnable')
    .call(0, CALL.iret)
    .record(1, 0x28006, 0, 1)
    .run(1, domain, 0, 'blocked')
    .call(1, CALL.iret);
