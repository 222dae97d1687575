/** Who is in which state from when to when: the update, domains, vCPUs, tasklets. */
import { numericEntries } from '../../host/codec.ts';
import { IOREQ, VPF } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import type { Tasklet } from '../../host/system.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { isParked, isRunnable } from '../../liveupdate/pause.ts';
import { hostOf } from '../../liveupdate/update.ts';
import type { World } from '../../world/world.ts';
import type { Lane, Span, Tone } from './recording.ts';
import { hypercallName, ioreqState, shutdownCode } from './view/words.ts';

/** Lanes of one recording; what comes later is left out. */
const MAX_LANES = 4096;

type State = readonly [label: string, tone: Tone];

const PASSES = ['created', '0a', '0b', '0c', '1', '2'] as const;

const atRest = (d: Domain): State => {
  if (d.shutdown.state === 'complete')
    return [`shut down: ${shutdownCode(d.shutdown.code)}`, 'stop'];
  if (d.shutdown.state === 'in_progress') return ['shutting down', 'work'];
  if (d.pauseCount > 0) return ['paused', 'stop'];
  return d.vcpus.some((v) => isRunnable(d, v)) ? ['runs', 'run'] : ['waits', 'wait'];
};

const onXen1 = (w: World, d: Domain): State => {
  if (w.saved.includes(d.domid)) return ['saved', 'stop'];
  if (d.dying === 'dying') return [`dying: ${d.teardown.phase}`, 'work'];
  if (d.dying === 'dead') return ['zombie', 'stop'];
  return isParked(d) ? ['parked', 'stop'] : atRest(d);
};

const onXen2 = (w: World, domid: number, d: Domain | undefined): State => {
  const stream = w.restoring?.stream ?? null;
  if (d === undefined) {
    if (stream === null) return ['known to nobody', 'gone'];
    return stream.domains[domid] === undefined ? ['lost', 'bad'] : ['in the stream', 'wait'];
  }
  if (d.dying !== 'alive') return [d.dying === 'dead' ? 'zombie' : 'dying', 'stop'];
  if (w.resumed.includes(domid)) return atRest(d);
  const pass = w.passes[domid] ?? 0;
  return pass === 5 ? ['restored', 'stop'] : [`pass ${PASSES[pass] ?? pass} done`, 'work'];
};

const domainState = (w: World, domid: number, d: Domain | undefined): State => {
  if (w.crash !== null) return ['lost in the crash', 'bad'];
  if (w.host === null) return onXen2(w, domid, d);
  return d === undefined ? ['does not exist', 'gone'] : onXen1(w, d);
};

const vcpuState = (w: World, d: Domain | undefined, v: Vcpu | undefined): State => {
  if (w.crash !== null) return ['lost in the crash', 'bad'];
  if (d === undefined || v === undefined)
    return [w.host === null ? 'not restored yet' : 'does not exist', 'gone'];
  const stopped = d.pauseCount > 0 ? ', stopped' : '';
  if (v.io.state !== IOREQ.NONE) return [`emulation ${ioreqState(v.io.state)}${stopped}`, 'work'];
  if (v.registers.atHypercall)
    return [`in ${hypercallName(v.registers.rax, v.registers.rdi)}${stopped}`, 'work'];
  if (v.pausedForShutdown) return ['shut down', 'stop'];
  if (d.pauseCount > 0) return ['stopped', 'stop'];
  if (v.pauseCount > 0) return ['paused', 'stop'];
  if (!v.initialised || (v.pauseFlags & VPF.down) !== 0) return ['down', 'gone'];
  if (v.pollPorts.length > 0) return ['polls', 'wait'];
  return v.pauseFlags === 0 ? ['runs', 'run'] : ['blocked', 'wait'];
};

const taskletState = (t: Tasklet | undefined): State => {
  if (t === undefined) return ['nothing to do', 'gone'];
  if (t.running) return ['runs', 'run'];
  return t.scheduledOn === null ? ['idle', 'stop'] : [`queued on CPU ${t.scheduledOn}`, 'work'];
};

/** Collects lanes step after step; only changes are kept. */
export class Lanes {
  readonly #lanes = new Map<string, { readonly kind: Lane['kind']; readonly spans: Span[] }>();
  /** vCPUs of each domain, most seen. */
  readonly #vcpus = new Map<number, number>();
  readonly #tasklets = new Set<number>();

  #put(kind: Lane['kind'], name: string, step: number, [label, tone]: State): void {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      if (this.#lanes.size >= MAX_LANES) return;
      lane = { kind, spans: step === 0 ? [] : [[0, 'does not exist', 'gone']] };
      this.#lanes.set(name, lane);
    }
    const last = lane.spans[lane.spans.length - 1];
    if (last === undefined || last[1] !== label || last[2] !== tone)
      lane.spans.push([step, label, tone]);
  }

  /** `state` is where the update stands, in the machine's word. */
  see(step: number, w: World, state: string): void {
    const { xen } = hostOf(w);
    this.#put('update', 'update', step, [state, w.crash === null ? 'work' : 'bad']);
    for (const [domid, d] of numericEntries(xen.domains))
      this.#vcpus.set(domid, Math.max(d.vcpus.length, this.#vcpus.get(domid) ?? 0));
    for (const [domid, count] of this.#vcpus) {
      const d = xen.domains[domid];
      this.#put('domain', `d${domid}`, step, domainState(w, domid, d));
      for (let v = 0; v < count; v++)
        this.#put('vcpu', `d${domid}v${v}`, step, vcpuState(w, d, d?.vcpus[v]));
    }
    for (const t of xen.system.tasklets) this.#tasklets.add(t.id);
    for (const id of this.#tasklets)
      this.#put(
        'tasklet',
        `tasklet ${id}`,
        step,
        taskletState(xen.system.tasklets.find((t) => t.id === id)),
      );
  }

  /** In the order of a dump: the update, each domain with its vCPUs, tasklets. */
  lanes(): Lane[] {
    const byName = new Intl.Collator('en', { numeric: true });
    const rank = (l: Lane): number => (l.kind === 'update' ? 0 : l.kind === 'tasklet' ? 2 : 1);
    return [...this.#lanes]
      .map(([name, { kind, spans }]) => ({ name, kind, spans }))
      .sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name));
  }
}
