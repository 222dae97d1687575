/**
 * Breadth-first search over everything that can happen to a host while it is
 * updated. Every node is judged when it is first reached, so the first
 * violation found has the shortest trace there is; nodes that are equal in
 * every part are one. Pure: the same request gives the same result.
 */
import { initialTransition, transition } from 'xstate';
import { membersOf, membersToCome } from '../../machines/host.ts';
import { liveUpdate } from '../../machines/live-update.ts';
import { AGREEMENT } from '../../properties/agreement.ts';
import type { UpdateMachine } from '../../properties/mutant.ts';
import type { Judgement } from '../../properties/registry.ts';
import type { Host } from '../host/host.ts';
import { newUpdate } from '../liveupdate/update.ts';
import {
  type Image,
  isAtRest,
  isOpen,
  type Snapshot,
  topState,
  updateSteps,
} from '../trace/schedule.ts';
import { followed, followersOf } from '../world/follow.ts';
import { happens, isHostEvent, type World, type WorldEvent } from '../world/world.ts';
import { Graph } from './graph.ts';
import { Judge } from './judge-node.ts';
import { Keys } from './key.ts';
import { evidenceAfter, evidenceAtRest, type Node, traceOf } from './node.ts';
import { COMMAND_LINE, MAX_STATES, type SearchRequest, type SearchResult } from './request.ts';

/** Ways out of waiting that are no answer to it: somebody gave up. */
const GIVING_UP: readonly string[] = ['lu.cancel', 'lu.timeout', 'lu.fail'];
/** States that nothing leads out of, besides those at rest. */
const ENDS: readonly string[] = ['crashed', 'rebooted'];
/** How often progress is told, in nodes. */
const TELL_EVERY = 100;

interface Found {
  readonly node: Node;
  readonly broken: readonly Judgement[];
}

/** Events between the request and this node, where the save begins. */
const stepsOfQuiescing = (node: Node): number => {
  let steps = 0;
  for (let n = node.parent; n !== null && n.event?.type !== 'lu.request'; n = n.parent) steps++;
  return steps + 1;
};

const domainsOf = (host: Host): number => Object.keys(host.xen.domains).length;

/** The node with its charts where the event has led them. */
const withCharts = (from: Node, node: Node, event: WorldEvent): Node => {
  if (from.followers === undefined) return node;
  const [before, now] = [from.snapshot.context.world, node.snapshot.context.world];
  return { ...node, followers: followed(from.followers, before, event, now) };
};

/** Is more broken than what charts say of the host? */
const isOfHost = ({ broken }: Found): boolean => broken.some((j) => j.id !== AGREEMENT.id);

class Search {
  readonly #request: SearchRequest;
  readonly #image: Image;
  readonly #machine: UpdateMachine;
  readonly #keys = new Keys();
  readonly #judge: Judge;
  readonly #graph = new Graph();
  readonly #byKey = new Map<number, number>();
  #transitions = 0;
  #open: number[] = [];
  /** A violation of something else than what is searched for. */
  #other: Found | null = null;

  constructor(request: SearchRequest) {
    const { start } = request;
    this.#request = request;
    this.#machine = request.machine ?? liveUpdate;
    this.#image = {
      build: { ...start.host.xen.build, ...start.image, version: start.to.id },
      commandLine: start.commandLine ?? COMMAND_LINE,
      ...(start.lowestSegment === undefined ? {} : { lowestSegment: start.lowestSegment }),
    };
    this.#judge = new Judge(request.invariants, this.#keys, request.onJudged);
  }

  run(): SearchResult {
    const { start, design } = this.#request;
    const input = newUpdate(start.host, start.from, design);
    const [snapshot] = initialTransition(this.#machine, input) as [Snapshot, unknown];
    const root: Node = {
      snapshot,
      evidence: evidenceAtRest(start.host),
      round: 0,
      parent: null,
      event: null,
      depth: 0,
      ...this.#charts(start.host, input),
    };
    const found = this.#reach(root) ?? this.#explore() ?? this.#waiting() ?? this.#other;
    return this.#result(found);
  }

  /** A mutant does something else than the model, which charts are drawn of. */
  #charts(host: Host, input: World): Pick<Node, 'followers'> {
    if (this.#request.machine !== undefined) return {};
    return { followers: followersOf([...membersOf(host), ...membersToCome(host)], input) };
  }

  #explore(): Found | null {
    const { maxStates = MAX_STATES, onProgress } = this.#request;
    let next = 0;
    for (; next < this.#graph.nodes.length; next++) {
      if (this.#graph.nodes.length >= maxStates) break;
      if (next % TELL_EVERY === 0) onProgress?.(this.#graph.nodes.length);
      const found = this.#expand(next);
      if (found === null) continue;
      this.#open = this.#graph.nodes.map((_, i) => i).slice(next);
      return found;
    }
    this.#open = this.#graph.nodes.map((_, i) => i).slice(next);
    return null;
  }

  /** Every event that changes something at this node. */
  #expand(index: number): Found | null {
    const node = this.#graph.nodes[index] as Node;
    const steps = this.#ownSteps(node);
    for (const event of this.#request.order === 'fair' ? steps.slice(0, 1) : steps) {
      const found = this.#follow(index, node, { ...event }, false);
      if (found !== null) return found;
    }
    for (const event of this.#request.events) {
      if (!this.#mayHappen(node.snapshot, event)) continue;
      const found = this.#follow(index, node, { ...event }, true);
      if (found !== null) return found;
    }
    return null;
  }

  #ownSteps({ snapshot, round }: Node): readonly WorldEvent[] {
    const again = round + 1 < (this.#request.updates ?? 1);
    if (topState(snapshot) === 'done') return again ? [{ type: 'lu.settle' }] : [];
    return updateSteps(snapshot, this.#image);
  }

  #mayHappen(s: Snapshot, event: WorldEvent): boolean {
    if (!isHostEvent(event)) return s.can(event);
    return isOpen(s) && happens(s.context.world, { ...event });
  }

  #follow(index: number, from: Node, event: WorldEvent, ofGuests: boolean): Found | null {
    const [snapshot] = transition(this.#machine, from.snapshot, event) as [Snapshot, unknown];
    const node: Node = {
      snapshot,
      evidence: evidenceAfter(from, event, snapshot, ofGuests),
      round: from.round + (event.type === 'lu.settle' ? 1 : 0),
      parent: from,
      event,
      depth: from.depth + 1,
    };
    this.#transitions++;
    const known = this.#byKey.get(this.#keyOf(node));
    const ends = GIVING_UP.includes(event.type);
    if (known !== undefined) {
      if (!ends) this.#graph.edge(index, known);
      return null;
    }
    const found = this.#reach(withCharts(from, node, event));
    if (!ends) this.#graph.edge(index, this.#graph.nodes.length - 1);
    return found;
  }

  #keyOf({ snapshot, evidence, round }: Node): number {
    return this.#keys.of([snapshot.value, snapshot.context.world, evidence, round]);
  }

  #reach(node: Node): Found | null {
    this.#byKey.set(this.#keyOf(node), this.#graph.add(node));
    return this.#noted(node, this.#judge.broken(node));
  }

  /** Stops the search, if it is this that is searched for. */
  #noted(node: Node, broken: readonly Judgement[]): Found | null {
    if (broken.length === 0) return null;
    const { until, exhaust } = this.#request;
    const found = { node, broken };
    // That a chart is wrong about its host is told only where nothing else is broken.
    const wanted = until === undefined ? isOfHost(found) : broken.some((j) => j.id === until);
    if (wanted && exhaust !== true) return found;
    if (this.#other === null || (!isOfHost(this.#other) && isOfHost(found))) this.#other = found;
    return null;
  }

  /** Updates under way from which no end can be reached: asked of the whole graph. */
  #stuck(): Node[] {
    const open = new Set(this.#open);
    return this.#graph.cannotReach(
      ({ snapshot }, i) => open.has(i) || isAtRest(snapshot) || ENDS.includes(topState(snapshot)),
    );
  }

  #waiting(): Found | null {
    const stuck = new Set(this.#stuck());
    for (const node of this.#graph.nodes) {
      if (topState(node.snapshot) !== 'quiescing') continue;
      const found = this.#noted(node, this.#judge.waiting(node, stuck.has(node)));
      if (found !== null) return found;
    }
    return null;
  }

  #result(found: Found | null): SearchResult {
    const { nodes } = this.#graph;
    const entering = (top: string): readonly Node[] =>
      nodes.filter(
        (n) =>
          topState(n.snapshot) === top &&
          (n.parent === null || topState(n.parent.snapshot) !== top),
      );
    const count = (top: string): number => entering(top).length;
    const waits = entering('saving').map(stepsOfQuiescing);
    const refusals = nodes
      .filter((n) => topState(n.snapshot) === 'refused')
      .flatMap((n) => n.snapshot.context.world.refusals);
    return {
      verdict: found !== null ? 'violated' : this.#open.length > 0 ? 'incomplete' : 'holds',
      violates: found?.broken.map((j) => j.id) ?? [],
      offenders: found?.broken.flatMap((j) => (j.detail ?? []).map((d) => `${j.id} ${d}`)) ?? [],
      trace: found === null ? [] : traceOf(found.node),
      states: nodes.length,
      transitions: this.#transitions,
      depth: nodes.reduce((max, n) => Math.max(max, n.depth), 0),
      ends: {
        done: count('done'),
        refused: count('refused'),
        crashed: count('crashed'),
        stuck: this.#stuck().filter((n) => topState(n.snapshot) === 'quiescing').length,
        lost: entering('crashed').reduce(
          (n, { evidence: e }) => n + domainsOf(e.saved ?? e.before),
          0,
        ),
      },
      quiesce: waits.length === 0 ? null : { min: Math.min(...waits), max: Math.max(...waits) },
      refusals: [...new Set(refusals)],
    };
  }
}

/**
 * Searches the scope of the request. `violated` comes with the shortest trace
 * (of those to the invariant asked for); `holds` means that all of it was
 * exhausted, `incomplete` that `maxStates` was not enough.
 */
export const search = (request: SearchRequest): SearchResult => new Search(request).run();
