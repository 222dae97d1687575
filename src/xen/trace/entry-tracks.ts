/** `judgeEntry` for all vCPUs of a trace: who enters anew, who goes on. */
import { UNKNOWN_VCPU, type VcpuKey, vcpuKey } from './context.ts';
import { hypercallArg, hypercallOp, PV_HYPERCALL } from './events/hypercall.ts';
import { CONTINUE_RUNNING, isRunstateChange, newState, oldState } from './events/runstate.ts';
import { LOST_RECORDS } from './header.ts';
import { type TraceRecord, tscOf } from './record.ts';
import {
  DEFAULT_RETURN_US,
  type EntrySight,
  type EntryTrack,
  type EntryVerdict,
  judgeEntry,
} from './reentry.ts';
import type { TscRate } from './tsc-rate.ts';

/** Calls under way that are remembered: at most one for each vCPU. */
const MOST_TRACKS = 65_536;
const RUNNING = 0;

/** Feed it each record, in order, after the context and the rate have seen it. */
export class EntryTracks {
  readonly #rate: TscRate;
  readonly #tracks = new Map<VcpuKey, EntryTrack>();

  constructor(rate: TscRate) {
    this.#rate = rate;
  }

  /**
   * Takes a record, written in the context of `executing`. Answers a verdict
   * for a PV guest's entry of domctl or sysctl by a known vCPU.
   */
  observe(record: TraceRecord, executing: VcpuKey): EntryVerdict | undefined {
    const { event } = record;
    if (event === PV_HYPERCALL) {
      if (executing === UNKNOWN_VCPU) return undefined;
      const op = hypercallOp(record);
      const cmd = hypercallArg(record, 0);
      return this.#take(executing, { kind: 'hypercall', op, cmd, at: tscOf(record) });
    }
    if (event === CONTINUE_RUNNING) return this.#take(record.word(0), { kind: 'kept' });
    if (isRunstateChange(event)) {
      if (oldState(event) !== RUNNING || newState(event) === RUNNING) return undefined;
      return this.#take(record.word(0), { kind: 'switched' });
    }
    if (event === LOST_RECORDS) this.#lose(record, executing);
    return undefined;
  }

  /** What was lost may be of the vCPU before or of the one after. */
  #lose(record: TraceRecord, executing: VcpuKey): void {
    const word = record.word(1);
    this.#take(executing, { kind: 'switched' });
    this.#take(vcpuKey(word & 0xffff, word >>> 16), { kind: 'switched' });
  }

  #take(vcpu: VcpuKey, sight: EntrySight): EntryVerdict | undefined {
    const track = this.#tracks.get(vcpu);
    if (track === undefined && sight.kind !== 'hypercall') return undefined;
    const rate = this.#rate.cyclesPerUs;
    const bound = rate === undefined ? undefined : rate * DEFAULT_RETURN_US;
    const judged = judgeEntry(track, sight, bound);
    if (judged.track === undefined) this.#tracks.delete(vcpu);
    else if (judged.track !== track) this.#remember(vcpu, judged.track);
    return judged.verdict;
  }

  #remember(vcpu: VcpuKey, track: EntryTrack): void {
    if (this.#tracks.size >= MOST_TRACKS && !this.#tracks.has(vcpu)) {
      const [oldest] = this.#tracks.keys();
      if (oldest !== undefined) this.#tracks.delete(oldest);
    }
    this.#tracks.set(vcpu, track);
  }
}
