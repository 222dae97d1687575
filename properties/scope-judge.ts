/**
 * What an invariant says of a state of a scope: of a host at rest, of an
 * update that has ended, of one that was given up.
 */

import type { StateView } from '../src/explore/index.ts';
import { hostOf } from '../src/liveupdate/update.ts';
import type { Packed, Packer } from '../src/scope/packed-world.ts';
import type { Tables } from '../src/scope/tables.ts';
import { runningVersion, type World } from '../src/world/world.ts';
import type { Invariant } from './invariant.ts';
import { type Judgement, judge, judgeHost, judgeRefusal } from './registry.ts';

type State = StateView<Packed>;

const AT_REST = ['idle', 'loaded', 'refused'];
const ENDS = ['done', 'crashed', ...AT_REST];

export class ScopeJudge {
  readonly #tables: Tables;
  readonly #packer: Packer;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#packer = tables.packer;
  }

  /** Does it hold here? What it has nothing to say of, holds. */
  holds(invariant: Invariant, state: State): boolean {
    const at = ENDS.find((top) => state.matches({ 'live-update': top }));
    if (at === undefined) return true;
    return this.#tables.of(`invariant ${invariant.id} ${at}`, state.context, (record) =>
      this.#said(invariant, at, record).every((j) => j.holds),
    );
  }

  /** What offends in a state that breaks it: objects, and what is wrong with each. */
  offenders(invariant: Invariant, value: object, record: Packed): readonly string[] {
    const top = 'live-update' in value ? value['live-update'] : null;
    const at = ENDS.find((one) => one === top);
    if (at === undefined) return [];
    return this.#said(invariant, at, record).flatMap((j) => j.detail ?? []);
  }

  #said(i: Invariant, at: string, record: Packed): readonly Judgement[] {
    const w = this.#packer.world(record);
    if (at === 'done') return this.#ended(i, record, w, 'resumed');
    if (at === 'crashed') return this.#ended(i, record, w, 'crashed');
    const said = judgeHost([i], hostOf(w), runningVersion(w));
    return at === 'refused' ? [...said, ...this.#refused(i, record, w)] : said;
  }

  #ended(i: Invariant, record: Packed, w: World, outcome: 'resumed' | 'crashed'): Judgement[] {
    const before = this.#packer.evidenceOf(record, 'before');
    const saved = this.#packer.evidenceOf(record, 'saved');
    if (before === null) return [];
    const after = hostOf(w);
    return judge([i], {
      design: w.design,
      from: w.from,
      to: w.to ?? w.from,
      before,
      // A host that went down before the save is what there is of one.
      saved: saved ?? after,
      after,
      outcome,
    });
  }

  #refused(i: Invariant, record: Packed, w: World): Judgement[] {
    const before = this.#packer.evidenceOf(record, 'before');
    if (before === null) return [];
    const { design, refusals: reasons } = w;
    // What Xen has put off it does by itself here, with an update or without: `before` is calm.
    return judgeRefusal([i], { design, before, calm: before, after: hostOf(w), reasons });
  }
}
