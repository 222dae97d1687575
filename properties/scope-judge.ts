/**
 * What an invariant says of a state of a scope: of a host at rest, of an
 * update that has ended, of one that was given up.
 */

import type { StateView } from '../src/explore/index.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import type { Packed, Packer } from '../src/scope/packed-world.ts';
import { runningVersion, type World } from '../src/world/world.ts';
import type { Invariant } from './invariant.ts';
import { type Judgement, judge, judgeHost, judgeRefusal } from './registry.ts';

type State = StateView<Packed>;

const AT_REST = ['idle', 'loaded', 'refused'];

export class ScopeJudge {
  readonly #packer: Packer;

  constructor(packer: Packer) {
    this.#packer = packer;
  }

  /** Does it hold here? What it has nothing to say of, holds. */
  holds(invariant: Invariant, state: State): boolean {
    return this.#said(invariant, state).every((j) => j.holds);
  }

  #said(i: Invariant, state: State): readonly Judgement[] {
    const is = (top: string): boolean => state.matches({ 'live-update': top });
    const world = (): World => this.#packer.world(state.context);
    if (is('done')) return this.#ended(i, state, world(), 'resumed');
    if (is('crashed')) return this.#ended(i, state, world(), 'crashed');
    if (!AT_REST.some(is)) return [];
    const w = world();
    const said = judgeHost([i], hostOf(w), runningVersion(w));
    return is('refused') ? [...said, ...this.#refused(i, state, w)] : said;
  }

  #ended(i: Invariant, state: State, w: World, outcome: 'resumed' | 'crashed'): Judgement[] {
    const before = this.#packer.evidenceOf(state.context, 'before');
    const saved = this.#packer.evidenceOf(state.context, 'saved');
    if (before === null || saved === null) return [];
    const after = hostOf(w);
    return judge([i], {
      design: w.design,
      from: w.from,
      to: w.to ?? w.from,
      before,
      saved,
      after,
      outcome,
    });
  }

  #refused(i: Invariant, state: State, w: World): Judgement[] {
    const before = this.#packer.evidenceOf(state.context, 'before');
    if (before === null) return [];
    const { design, refusals: reasons } = w;
    return judgeRefusal([i], { design, before, calm: before, after: hostOf(w), reasons });
  }
}
