/**
 * What the invariants say while a run is played: hosts at rest, each step of
 * an update, its end, and a wait without an end. The rules are those of every
 * other way of checking (`properties/registry.ts`).
 */
import type { Invariant, Phase } from '../../../properties/invariant.ts';
import {
  type Judgement,
  judge,
  judgeHost,
  judgeRefusal,
  judgeWaiting,
  showStep,
  startWatching,
  type Watchers,
} from '../../../properties/registry.ts';
import { hostOf } from '../../liveupdate/update.ts';
import { type Evidence, evidenceAfter, evidenceAtRest } from '../../search/node.ts';
import { phaseOf } from '../../trace/run-update.ts';
import { isAtRest, type Snapshot, topState } from '../../trace/schedule.ts';
import { runningVersion, type WorldEvent } from '../../world/world.ts';

/** Hosts at rest that are judged one by one; in longer runs only those before and after updates are. */
const MAX_AT_REST = 300;

export class Judging {
  readonly #invariants: readonly Invariant[];
  #evidence: Evidence;
  #watchers: Watchers;
  #atRest = 0;
  /** Watchers that have spoken of a fault already. */
  readonly #told = new Set<string>();

  constructor(invariants: readonly Invariant[], start: Snapshot) {
    const { world } = start.context;
    this.#invariants = invariants;
    this.#evidence = evidenceAtRest(hostOf(world));
    this.#watchers = startWatching(invariants, world.design);
  }

  /** What is said of the host before anything happens. */
  start(s: Snapshot): Judgement[] {
    return this.#host(s);
  }

  /** After a step; `ofOthers`: nobody of the update asked for it. */
  step(before: Snapshot, event: WorldEvent, after: Snapshot, ofOthers: boolean): Judgement[] {
    const node = {
      snapshot: before,
      evidence: this.#evidence,
      round: 0,
      parent: null,
      event: null,
      depth: 0,
    };
    const was = topState(before);
    const is = topState(after);
    const evidence = this.#evidence;
    this.#evidence = evidenceAfter(node, event, after, ofOthers);
    if (event.type === 'lu.settle')
      this.#watchers = startWatching(this.#invariants, after.context.world.design);
    const { world } = after.context;
    const domid = 'domid' in event ? event.domid : null;
    const phase: Phase = phaseOf(after);
    showStep(this.#watchers, { type: event.type, domid, host: hostOf(world), phase });
    if (is === 'done' && was !== 'done') return this.#end(after, evidence, 'resumed');
    if (is === 'crashed') return this.#end(after, evidence, 'crashed');
    if (is === 'refused' && was !== 'refused')
      return [
        ...judgeRefusal(this.#invariants, {
          design: world.design,
          before: evidence.before,
          calm: evidence.calm,
          after: hostOf(world),
          reasons: world.refusals,
        }),
        ...this.#host(after),
      ];
    if (isAtRest(after))
      return this.#atRest++ < MAX_AT_REST || event.type === 'lu.settle' ? this.#host(after) : [];
    return this.#watched();
  }

  /** At the end of a run that waits: nothing of its own leads on from here. */
  waiting(s: Snapshot): Judgement[] {
    const { world } = s.context;
    return judgeWaiting(this.#invariants, {
      design: world.design,
      host: hostOf(world),
      waitsFor: world.obstacles,
      forEver: true,
    });
  }

  #host(s: Snapshot): Judgement[] {
    const { world } = s.context;
    return judgeHost(this.#invariants, hostOf(world), runningVersion(world));
  }

  /** Watchers that see a fault now, for the first time. */
  #watched(): Judgement[] {
    return this.#invariants.flatMap((i) => {
      const verdict = this.#watchers.get(i.id)?.verdict();
      if (verdict === undefined || verdict.offenders.length === 0 || this.#told.has(i.id))
        return [];
      this.#told.add(i.id);
      const detail = verdict.offenders.map((o) => `${o.where}: ${o.what}`);
      return [{ id: i.id, title: i.title, holds: false, checked: verdict.checked, detail }];
    });
  }

  #end(s: Snapshot, evidence: Evidence, outcome: 'resumed' | 'crashed'): Judgement[] {
    const { world } = s.context;
    const after = hostOf(world);
    const { before, saved } = evidence;
    const versions = { from: world.from, to: world.to ?? world.from };
    return judge(
      this.#invariants,
      { design: world.design, ...versions, before, saved: saved ?? after, after, outcome },
      this.#watchers,
    );
  }
}
