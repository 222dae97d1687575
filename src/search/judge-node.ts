/** What the invariants say of a node, when it is reached. */
import { AgreementWatch } from '../../properties/agreement.ts';
import type { Invariant, UpdateEvidence } from '../../properties/invariant.ts';
import {
  type Judgement,
  judge,
  judgeHost,
  judgeRefusal,
  judgeWaiting,
  showStep,
  startWatching,
} from '../../properties/registry.ts';
import type { XenVersion } from '../design/versions.ts';
import { hostOf } from '../liveupdate/update.ts';
import { phaseOf } from '../trace/run-update.ts';
import { isAtRest, topState } from '../trace/schedule.ts';
import { followersAgree } from '../world/follow.ts';
import { runningVersion } from '../world/world.ts';
import type { Keys } from './key.ts';
import { type Node, pathTo } from './node.ts';

/** The steps of the update that ends here; those of earlier ones are over. */
const stepsOf = (node: Node): Node[] => pathTo(node).filter((n) => n.round === node.round);

/** Judges an update at its end: before against after, and each step of the shortest path here. */
const judgeEnd = (
  invariants: readonly Invariant[],
  node: Node,
  versions: { readonly from: XenVersion; readonly to: XenVersion },
  outcome: UpdateEvidence['outcome'],
): Judgement[] => {
  const { world } = node.snapshot.context;
  const watchers = startWatching(invariants, world.design);
  for (const { event, snapshot } of stepsOf(node)) {
    const begins = event === null || event.type === 'lu.settle';
    const domid = event !== null && 'domid' in event ? event.domid : null;
    const host = hostOf(snapshot.context.world);
    const type = begins ? 'start' : event.type;
    showStep(watchers, { type, domid, host, phase: phaseOf(snapshot) });
  }
  const { before, saved } = node.parent?.evidence ?? node.evidence;
  const after = hostOf(world);
  return judge(
    invariants,
    { design: world.design, ...versions, before, saved: saved ?? after, after, outcome },
    watchers,
  );
};

/** Do the charts that run beside the update say what the host says (AGR-1)? */
const agreementAt = ({ followers, event, snapshot }: Node): Judgement[] => {
  if (followers === undefined) return [];
  const watch = new AgreementWatch();
  watch.see(event?.type ?? 'the start', followersAgree(followers, snapshot.context.world));
  return [watch.judgement()];
};

export class Judge {
  readonly #invariants: readonly Invariant[];
  readonly #keys: Keys;
  readonly #tell: (said: readonly Judgement[]) => void;
  readonly #hosts = new Set<string>();

  /** `tell` hears all that is said, also that something holds. */
  constructor(
    invariants: readonly Invariant[],
    keys: Keys,
    tell: (said: readonly Judgement[]) => void = () => undefined,
  ) {
    this.#invariants = invariants;
    this.#keys = keys;
    this.#tell = tell;
  }

  #brokenOf(said: readonly Judgement[]): Judgement[] {
    this.#tell(said);
    return said.filter((j) => !j.holds);
  }

  /** What is broken at this node, and was not asked about at its parent. */
  broken(node: Node): Judgement[] {
    const { snapshot, parent } = node;
    const { world } = snapshot.context;
    const is = topState(snapshot);
    const was = parent === null ? null : topState(parent.snapshot);
    const said: Judgement[] = agreementAt(node);
    const versions = { from: world.from, to: world.to ?? world.from };
    if (is === 'done' && was !== 'done')
      said.push(...judgeEnd(this.#invariants, node, versions, 'resumed'));
    else if (is === 'crashed') said.push(...judgeEnd(this.#invariants, node, versions, 'crashed'));
    else if (isAtRest(snapshot)) said.push(...this.#atRest(node));
    if (is === 'refused' && was !== 'refused' && parent !== null)
      said.push(
        ...judgeRefusal(this.#invariants, {
          design: world.design,
          before: parent.evidence.before,
          calm: parent.evidence.calm,
          after: hostOf(world),
          reasons: world.refusals,
        }),
      );
    return this.#brokenOf(said);
  }

  /** Hosts that were judged already are not judged again. */
  #atRest({ snapshot }: Node): Judgement[] {
    const { world } = snapshot.context;
    const host = hostOf(world);
    const version = runningVersion(world);
    const key = `${version.id} ${this.#keys.of(host)}`;
    if (this.#hosts.has(key)) return [];
    this.#hosts.add(key);
    return judgeHost(this.#invariants, host, version);
  }

  /** What is broken by an update that waits here; `forEver`: nothing leads on from here. */
  waiting({ snapshot }: Node, forEver: boolean): Judgement[] {
    const { world } = snapshot.context;
    const said = judgeWaiting(this.#invariants, {
      design: world.design,
      host: hostOf(world),
      waitsFor: world.obstacles,
      forEver,
    });
    return this.#brokenOf(said);
  }
}
