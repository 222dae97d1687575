/**
 * The control part of a state: regions, histories, status and output as slots,
 * to and from XState's snapshots.
 */
import { type Chart, childrenOf } from './chart.ts';
import type { ContextTree } from './context.ts';
import { Coverage } from './coverage.ts';
import type { Instrument, Step } from './instrument.ts';
import type { Put } from './place.ts';
import { Fault } from './problem.ts';
import { StepReads } from './reads.ts';
import type { Domain, Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { canonical } from './values.ts';
import type { EventObject, Snapshot, StateNode } from './xstate.ts';

export class Control {
  readonly chart: Chart;
  readonly coverage: Coverage;
  readonly reads: StepReads;
  readonly status: Domain;
  readonly output: Domain;
  /**
   * XState's own list of active nodes, where it is not simply all of them in
   * document order. It shows in no part of a state, but the next step may hang
   * on it; as in XState, a state keeps the list of the way it was found first.
   */
  readonly entered: Domain;
  /** Keep that list wherever the order differs, not just the content. */
  readonly keepOrder: boolean;
  private readonly slots: Slots;
  private readonly tracker: Tracker;
  private readonly context: ContextTree;
  private readonly instrument: Instrument;
  private readonly events = new Map<string, EventObject>();

  constructor(
    chart: Chart,
    slots: Slots,
    tracker: Tracker,
    context: ContextTree,
    instrument: Instrument,
    keepOrder: boolean,
  ) {
    this.chart = chart;
    this.keepOrder = keepOrder;
    this.slots = slots;
    this.tracker = tracker;
    this.context = context;
    this.instrument = instrument;
    this.reads = new StepReads(chart);
    this.coverage = new Coverage(chart);
    this.status = slots.add('status', { kind: 'primitive', value: 'active' });
    this.output = slots.add('output', { kind: 'primitive', value: undefined });
    this.entered = slots.add('entered', { kind: 'primitive', value: '' });
    instrument.readStateValue = (value) => this.readStateValue(value);
    instrument.readAllRegions = () => {
      tracker.read(this.entered.slot);
      for (const region of chart.regions) tracker.read(region.slot);
    };
  }

  /** Whether the machine still takes steps of its own. */
  isActive(v: Int32Array): boolean {
    return v[this.status.slot] === 0;
  }

  /** `active` or `done`. */
  statusOf(v: Int32Array): string {
    return String(valueAt(this.status, v));
  }

  /** The output of a done machine. */
  outputOf(v: Int32Array): unknown {
    return valueAt(this.output, v);
  }

  /** Lists the reading of status and output. */
  readEnd(): void {
    this.tracker.read(this.status.slot);
    this.tracker.read(this.output.slot);
  }

  /** Lists the reading of the regions that decide about a state value. */
  readStateValue(value: unknown): void {
    this.tracker.read(this.entered.slot);
    this.reads.ofStateValue(value, (slot) => this.tracker.read(slot));
  }

  /** Writes a snapshot's control part. */
  write(snapshot: Snapshot, put: Put): void {
    this.coverage.entered(snapshot._nodes);
    this.chart.writeValue(snapshot.value, put);
    this.chart.writeHistory(snapshot.historyValue, this.slots, put);
    this.writeEnd(snapshot, put);
    this.writeEntered(snapshot._nodes, put);
  }

  /** The active nodes in XState's order. */
  nodesOf(v: Int32Array): StateNode[] {
    const list = String(valueAt(this.entered, v));
    if (list === '') return this.chart.activeNodes(v);
    return list.split(',').flatMap((order) => this.chart.nodes[Number(order)] ?? []);
  }

  private writeEntered(nodes: readonly StateNode[], put: Put): void {
    const { entered } = this;
    const orders = nodes.map((node) => node.order);
    const complete = isComplete(nodes);
    const inOrder = orders.every((order, i) => i === 0 || order > (orders[i - 1] as number));
    const value = complete && (inOrder || !this.keepOrder) ? '' : orders.join();
    put(entered.slot, this.slots.idOf(entered, { kind: 'primitive', value }));
  }

  /** One object for all events of the same content. */
  intern(event: EventObject): EventObject {
    const key = canonical(event, `event ${event.type}`);
    const known = this.events.get(key);
    if (known !== undefined) return known;
    this.events.set(key, event);
    return event;
  }

  private writeEnd({ status, output }: Snapshot, put: Put): void {
    put(this.status.slot, this.slots.idOf(this.status, { kind: 'primitive', value: status }));
    const plain = this.context.plainOf(output);
    const desc =
      typeof plain === 'object' && plain !== null
        ? ({ kind: 'kept', value: plain } as const)
        : ({ kind: 'primitive', value: plain } as const);
    put(this.output.slot, this.slots.idOf(this.output, desc));
  }

  /** A snapshot of XState for a state, with a given context. */
  snapshot(v: Int32Array, context: unknown): Snapshot {
    const { chart } = this;
    const value = chart.valueOf(v);
    const history = chart.historyOf(v);
    const status = this.statusOf(v);
    const { machine } = this.instrument;
    const snapshot = machine.resolveState({ value, context, historyValue: history, status });
    snapshot._nodes = this.nodesOf(v);
    snapshot.value = value;
    snapshot.status = status;
    snapshot.output = this.outputOf(v);
    return snapshot;
  }

  /**
   * The control part of a step. Regions that stay are among those read, or out
   * of reach; a history written anew may only seem to stay in this state.
   */
  writeStep(v: Int32Array, before: Snapshot, { next }: Step, put: Put): void {
    this.coverage.entered(next._nodes);
    const after = v.slice(0, this.slots.count);
    this.chart.writeValue(next.value, (slot, id) => {
      after[slot] = id;
      if (v[slot] !== id) put(slot, id);
    });
    if (canonical(this.chart.valueOf(after), 'value') !== canonical(next.value, 'value')) {
      const value = JSON.stringify(next.value);
      throw new Fault('illegal', 'value', `XState leaves ${value}, which is no state of the chart`);
    }
    const fresh = Object.entries(next.historyValue).filter(
      ([id, nodes]) => before.historyValue[id] !== nodes,
    );
    this.chart.writeHistory(Object.fromEntries(fresh), this.slots, put);
    if (next.status !== 'active') this.writeEnd(next, put);
    this.writeEntered(next._nodes, put);
  }
}

/** True if with each node all that makes it active is listed too. */
function isComplete(nodes: readonly StateNode[]): boolean {
  const listed = new Set(nodes);
  return nodes.every((node) => {
    if (node.parent !== undefined && !listed.has(node.parent)) return false;
    const active = childrenOf(node).filter((child) => listed.has(child)).length;
    if (node.type === 'parallel') return active === childrenOf(node).length;
    return node.type === 'compound' ? active === 1 : true;
  });
}

function valueAt(domain: Domain, v: Int32Array): unknown {
  const desc = domain.descs[v[domain.slot] as number];
  return desc?.kind === 'primitive' || desc?.kind === 'kept' ? desc.value : undefined;
}
