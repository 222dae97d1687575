/**
 * Makes the recording of a trace: folds its events, and notes what each
 * changes in the view of the host, in its memory, in the lanes and charts,
 * and what the invariants say. Hosts are not kept, so a large one needs
 * memory for a few copies only.
 */
import { initialTransition, transition } from 'xstate';
import type { Invariant } from '../../../properties/invariant.ts';
import type { UpdateMachine } from '../../../properties/mutant.ts';
import type { Judgement } from '../../../properties/registry.ts';
import { stepText } from '../../check/steps.ts';
import { maxFrames } from '../../host/hardware.ts';
import { newUpdate } from '../../liveupdate/update.ts';
import type { LaidOutChart } from '../../report/chart-drawing.ts';
import { phaseOf } from '../../trace/run-update.ts';
import { type Snapshot, topState, updateSteps } from '../../trace/schedule.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { isHostEvent, type WorldEvent } from '../../world/world.ts';
import { ActiveCharts } from './active-charts.ts';
import { changeOfRuns, changeOfView } from './changes.ts';
import { divergenceOf } from './divergence.ts';
import { factsOf } from './facts.ts';
import { Judging } from './judging.ts';
import { Lanes } from './lanes.ts';
import { MemoryMap } from './memory-map.ts';
import {
  type CaptureFacts,
  type Fault,
  LAYERS,
  type Layer,
  RECORDING_FORMAT,
  type RecordedInvariant,
  type RecordedStep,
  type Recording,
  type RunChange,
  type Said,
} from './recording.ts';
import { faultsOf, firstBroken, outcomeText, verdictOf } from './story.ts';
import { trailsOf } from './trails.ts';
import { Viewer } from './view/view-host.ts';

/** What is told of the run besides what its events tell. */
export interface About {
  readonly title: string;
  readonly tried: readonly string[];
  readonly sources?: readonly string[];
  /** A real bug that the model bears. */
  readonly bug?: Fault;
  /** The invariant that the run is about: it is told first. */
  readonly expects?: string;
  readonly commands: readonly string[];
  readonly capture?: CaptureFacts;
}

export interface RecordRequest {
  readonly trace: Trace;
  readonly about: About;
  /** The machine, with the trace's mutant in it if there is one. */
  readonly machine: UpdateMachine;
  readonly invariants: readonly Invariant[];
  readonly charts: readonly LaidOutChart[];
  readonly onProgress?: (what: string) => void;
}

const MAX_FIELDS = 120;

const eventText = ({ type, ...fields }: WorldEvent): string => {
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ');
  return `${type} ${text}`.trim().slice(0, MAX_FIELDS);
};

class Recorder {
  readonly #request: RecordRequest;
  readonly #viewer = new Viewer();
  readonly #map = new MemoryMap();
  readonly #lanes = new Lanes();
  readonly #judging: Judging;
  readonly #active: ActiveCharts;
  readonly #steps: RecordedStep[] = [];
  readonly #index: ReadonlyMap<string, number>;
  readonly #start: Pick<Recording, 'start' | 'memory'>;
  #snapshot: Snapshot;
  #view: Recording['start'];
  #layers: Recording['memory'];
  #jump: number | null = null;

  constructor(request: RecordRequest) {
    const { trace, invariants } = request;
    this.#request = request;
    [this.#snapshot] = initialTransition(
      request.machine,
      newUpdate(trace.host, trace.from, trace.design),
    ) as [Snapshot, unknown];
    this.#index = new Map(invariants.map((i, n) => [i.id, n]));
    this.#judging = new Judging(invariants, this.#snapshot);
    const { world } = this.#snapshot.context;
    this.#view = this.#viewer.view(world);
    this.#layers = this.#map.layers(world);
    this.#start = { start: this.#view, memory: this.#layers };
    this.#active = new ActiveCharts(this.#snapshot);
    this.#lanes.see(0, world, topState(this.#snapshot));
    this.#steps.push({
      text: 'the start: nothing has happened yet',
      event: '',
      by: 'start',
      phase: phaseOf(this.#snapshot),
      view: {},
      moves: this.#active.start(this.#snapshot),
      said: this.#said(this.#judging.start(this.#snapshot)),
    });
  }

  #said(judgements: readonly Judgement[]): Said[] {
    const { expects } = this.#request.about;
    const first = judgements.filter((j) => j.id === expects);
    const others = judgements.filter((j) => j.id !== expects);
    return [...first, ...others].flatMap(({ id, holds, checked, detail }) => {
      const of = this.#index.get(id);
      return of === undefined ? [] : [{ of, holds, checked, ...(detail ? { detail } : {}) }];
    });
  }

  /** Is it a step that the update would take by itself? */
  #isOwn(event: WorldEvent): boolean {
    const { build, commandLine } = this.#request.trace;
    if (!isHostEvent(event)) return true;
    const text = JSON.stringify(event);
    return updateSteps(this.#snapshot, { build, commandLine }).some(
      (own) => JSON.stringify(own) === text,
    );
  }

  step(given: WorldEvent): void {
    // An object of its own: events remember what they did.
    const event = { ...given };
    const before = this.#snapshot;
    const own = this.#isOwn(event);
    const taken = before.can(event);
    const [after] = transition(this.#request.machine, before, event) as [Snapshot, unknown];
    this.#snapshot = after;
    const n = this.#steps.length;
    if (before.context.world.host !== null && after.context.world.host === null) this.#jump ??= n;
    const domid = 'domid' in event ? event.domid : undefined;
    const view = this.#viewer.view(after.context.world);
    const memory = this.#memory(after);
    this.#lanes.see(n, after.context.world, topState(after));
    this.#steps.push({
      text: stepText(event),
      event: eventText(event),
      ...(domid === undefined ? {} : { domid }),
      by: own ? 'update' : 'others',
      phase: phaseOf(after),
      ...(taken ? {} : { ignored: true }),
      view: changeOfView(this.#view, view),
      ...(memory === null ? {} : { memory }),
      moves: taken ? this.#active.step(before, event, after) : [],
      said: taken ? this.#said(this.#judging.step(before, event, after, !own)) : [],
    });
    this.#view = view;
  }

  #memory(s: Snapshot): NonNullable<RecordedStep['memory']> | null {
    const layers = this.#map.layers(s.context.world);
    const changes: Partial<Record<Layer, RunChange>> = {};
    for (const layer of LAYERS) {
      if (layers[layer] === this.#layers[layer]) continue;
      const change = changeOfRuns(this.#layers[layer], layers[layer]);
      if (change !== null) changes[layer] = change;
    }
    this.#layers = layers;
    return Object.keys(changes).length === 0 ? null : changes;
  }

  /** A run that ends while nothing of the update's own can happen waits for ever. */
  #wait(): void {
    const { build, commandLine } = this.#request.trace;
    if (topState(this.#snapshot) !== 'quiescing') return;
    if (updateSteps(this.#snapshot, { build, commandLine }).length > 0) return;
    const last = this.#steps.length - 1;
    const step = this.#steps[last];
    const said = this.#said(this.#judging.waiting(this.#snapshot));
    if (step !== undefined) this.#steps[last] = { ...step, said: [...step.said, ...said] };
  }

  finish(): Recording {
    this.#wait();
    const { trace, about, charts, invariants, machine } = this.#request;
    const told: RecordedInvariant[] = invariants.map(({ id, title, says, why, sources }) => ({
      id,
      title,
      says,
      why,
      sources,
    }));
    const { world } = this.#snapshot.context;
    const state = topState(this.#snapshot);
    const found = firstBroken(this.#steps, told);
    const crash = world.crash === null ? null : world.crash.what;
    const at = found?.at ?? (crash === null ? null : this.#steps.length - 1);
    const offenders = found?.offenders ?? (crash === null ? [] : [crash]);
    const broken = found?.broken ?? [];
    const divergence = divergenceOf(trace, machine);
    const recording: Omit<Recording, 'facts'> = {
      format: RECORDING_FORMAT,
      version: 1,
      story: {
        title: about.title,
        tried: about.tried,
        sources: about.sources ?? [],
        faults: [...(about.bug === undefined ? [] : [about.bug]), ...faultsOf(trace.design)],
        verdict: verdictOf(state, broken),
        outcome: outcomeText(state, at, broken, crash),
        broken,
        at,
        offenders,
        divergence,
        trails: trailsOf(offenders, this.#start.start, this.#steps),
        commands: about.commands,
      },
      from: trace.from.id,
      to: trace.to.id,
      frames: maxFrames(trace.host.hardware),
      kinds: this.#map.kinds.list,
      charts,
      follows: this.#active.names(charts.map((c) => c.id)),
      ...this.#start,
      steps: this.#steps,
      lanes: this.#lanes.lanes(),
      jump: this.#jump,
      invariants: told,
      capture: about.capture ?? null,
    };
    return { ...recording, facts: factsOf(recording) };
  }
}

/** How often progress is told, in steps. */
const TELL_EVERY = 50;

/** Folds the trace and records it. Pure: the same trace gives the same recording. */
export const recordTrace = (request: RecordRequest): Recording => {
  const recorder = new Recorder(request);
  const { events } = request.trace;
  for (const [i, event] of events.entries()) {
    if (i % TELL_EVERY === 0) request.onProgress?.(`recording step ${i + 1} of ${events.length}`);
    recorder.step(event);
  }
  return recorder.finish();
};
