/**
 * Plays a trace again: the same start and events give the same states, and
 * the same invariants are asked at the same steps as in the search.
 */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { initialTransition, transition } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import type { Invariant } from '../../properties/invariant.ts';
import { loadMutants, mutated, type UpdateMachine } from '../../properties/mutant.ts';
import { type Judgement, loadInvariants } from '../../properties/registry.ts';
import { hostOf, newUpdate } from '../liveupdate/update.ts';
import type { Replayed, ReplayedStep } from '../trace/replayed.ts';
import { type Image, isOpen, type Snapshot, topState, updateSteps } from '../trace/schedule.ts';
import { decodeTrace, type Trace } from '../trace/trace-file.ts';
import { happens, isHostEvent, type WorldEvent } from '../world/world.ts';
import { Judge } from './judge-node.ts';
import { Keys } from './key.ts';
import { evidenceAfter, evidenceAtRest, type Node } from './node.ts';

/** What a replay needs besides the trace: a machine, with the trace's mutant in it if there is one. */
export interface Player {
  readonly machine: UpdateMachine;
  readonly invariants: readonly Invariant[];
}

const same = (a: WorldEvent, b: WorldEvent): boolean => {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((k) => JSON.stringify(a[k as never]) === JSON.stringify(b[k as never]))
  );
};

const stateText = (value: Snapshot['value']): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([top, inner]) => `${top}.${String(inner)}`)
        .join();

const isPossible = (s: Snapshot, event: WorldEvent): boolean =>
  isHostEvent(event) ? isOpen(s) && happens(s.context.world, event) : s.can(event);

/** Plays a trace to its end, or to the first step at which an invariant breaks. */
export const replay = (trace: Trace, { machine, invariants }: Player): Replayed => {
  const image: Image = { build: trace.build, commandLine: trace.commandLine };
  const judge = new Judge(invariants, new Keys());
  const input = newUpdate(trace.host, trace.from, trace.design);
  const [first] = initialTransition(machine, input) as [Snapshot, unknown];
  let node: Node = {
    snapshot: first,
    evidence: evidenceAtRest(trace.host),
    round: 0,
    parent: null,
    event: null,
    depth: 0,
  };
  const steps: ReplayedStep[] = [];
  let broken: readonly Judgement[] = judge.broken(node);
  for (const given of trace.events) {
    if (broken.length > 0) break;
    const event = { ...given };
    const happened = isPossible(node.snapshot, event);
    const [snapshot] = transition(machine, node.snapshot, event) as [Snapshot, unknown];
    // What the update would do next by itself is its own step, whoever else could do the same.
    const own =
      !isHostEvent(event) || updateSteps(node.snapshot, image).some((e) => same(e, event));
    node = {
      snapshot,
      evidence: evidenceAfter(node, event, snapshot, !own),
      round: node.round + (event.type === 'lu.settle' ? 1 : 0),
      parent: node,
      event,
      depth: node.depth + 1,
    };
    steps.push({ n: steps.length + 1, event, state: stateText(snapshot.value), happened });
    broken = judge.broken(node);
  }
  const waits = topState(node.snapshot) === 'quiescing';
  if (broken.length === 0 && waits)
    broken = judge.waiting(node, updateSteps(node.snapshot, image).length === 0);
  const { before, saved } = node.parent?.evidence ?? node.evidence;
  return {
    violates: broken.map((j) => j.id),
    offenders: broken.flatMap((j) => (j.detail ?? []).map((d) => `${j.id} ${d}`)),
    steps,
    before,
    saved: node.evidence.saved ?? saved,
    after: hostOf(node.snapshot.context.world),
  };
};

/** The machine that a trace was made with; left: there is no such mutant. */
export const playerOf = async (trace: Trace): Promise<Either<string, Player>> => {
  const invariants = await loadInvariants();
  if (trace.mutant === undefined) return right({ machine: liveUpdate, invariants });
  const mutant = (await loadMutants()).find((m) => m.id === trace.mutant);
  return mutant === undefined
    ? left(`trace.mutant: there is no mutant "${trace.mutant.slice(0, 40)}"`)
    : right({ machine: mutated(mutant), invariants });
};

/** Plays the JSON of a trace file. @throws Error for one that is none: for tests that pin a trace. */
export const replayJson = async (json: unknown): Promise<Replayed> => {
  const trace = decodeTrace(json);
  if (isLeft(trace)) throw new Error(trace.left);
  const player = await playerOf(trace.right);
  if (isLeft(player)) throw new Error(player.left);
  return replay(trace.right, player.right);
};
