/**
 * Where the run stands: the view of the host, the memory map and the charts
 * at a step. Going a step forward applies what it changed and remembers how
 * to take it back, so any step costs its distance and nothing is kept twice.
 */
import type {
  Cell,
  HostView,
  Layer,
  Recording,
  Row,
  RowChange,
  Run,
  RunChange,
  TableName,
  ViewChange,
} from '../inspect/recording/recording.ts';

type MutableRow = Record<string, Cell>;
type MutableView = Record<TableName, Record<string, MutableRow>>;

type LayerChanges = Readonly<Partial<Record<Layer, RunChange>>>;

/** What takes a step back. */
interface Undo {
  readonly view: ViewChange;
  readonly memory: LayerChanges;
  readonly active: readonly (readonly [of: number, active: readonly string[]])[];
}

/** A field that a step changed; null: it was not there, or is gone. */
export interface FieldChange {
  readonly table: TableName;
  readonly row: string;
  readonly field: string;
  readonly before: Cell | null;
  readonly after: Cell | null;
}

const copyOf = (view: HostView): MutableView => {
  const copy = {} as MutableView;
  for (const [name, table] of Object.entries(view))
    copy[name as TableName] = Object.fromEntries(
      Object.entries(table).map(([key, row]) => [key, { ...row }]),
    );
  return copy;
};

/** Changes a row in place; gives the change that undoes it. */
const applyRow = (row: MutableRow, change: RowChange): RowChange => {
  const undo: Record<string, Cell | null> = {};
  for (const [field, value] of Object.entries(change)) {
    undo[field] = row[field] ?? null;
    if (value === null) delete row[field];
    else row[field] = value;
  }
  return undo;
};

const applyView = (view: MutableView, change: ViewChange): ViewChange => {
  const undo: Partial<Record<TableName, Record<string, RowChange | null>>> = {};
  for (const [name, rows] of Object.entries(change) as [
    TableName,
    Record<string, RowChange | null>,
  ][]) {
    const table = view[name];
    const back: Record<string, RowChange | null> = {};
    for (const [key, rowChange] of Object.entries(rows)) {
      const row = table[key];
      if (rowChange === null) {
        if (row !== undefined) back[key] = { ...row };
        delete table[key];
      } else if (row === undefined) {
        const made: MutableRow = {};
        applyRow(made, rowChange);
        table[key] = made;
        back[key] = null;
      } else back[key] = applyRow(row, rowChange);
    }
    undo[name] = back;
  }
  return undo;
};

const applyRuns = (runs: Run[], change: RunChange): RunChange => {
  const removed = runs.splice(change.at, change.remove, ...change.insert);
  return { at: change.at, remove: change.insert.length, insert: removed };
};

/** Changes the layers in place; gives the changes that undo it. */
const applyLayers = (layers: Record<Layer, Run[]>, changes: LayerChanges): LayerChanges =>
  Object.fromEntries(
    (Object.entries(changes) as [Layer, RunChange][]).map(([layer, change]) => [
      layer,
      applyRuns(layers[layer], change),
    ]),
  );

export class Player {
  readonly recording: Recording;
  readonly #view: MutableView;
  readonly #layers: Record<Layer, Run[]>;
  readonly #active: (readonly string[])[];
  readonly #undo: Undo[] = [];
  #step = 0;

  constructor(recording: Recording) {
    this.recording = recording;
    this.#view = copyOf(recording.start);
    const { use, may, wrote } = recording.memory;
    this.#layers = { use: [...use], may: [...may], wrote: [...wrote] };
    this.#active = recording.follows.map(() => []);
    for (const move of recording.steps[0]?.moves ?? []) this.#active[move.of] = move.active;
  }

  get step(): number {
    return this.#step;
  }
  get last(): number {
    return this.recording.steps.length - 1;
  }
  /** The host as it is at this step; changes when the step does. */
  get view(): HostView {
    return this.#view;
  }
  /** The runs of one layer of the memory map at this step. */
  runs(layer: Layer): readonly Run[] {
    return this.#layers[layer];
  }

  /** Ids of the states that a followed chart is in. */
  active(of: number): readonly string[] {
    return this.#active[of] ?? [];
  }

  /** The states that it was in before the last step. */
  activeBefore(of: number): readonly string[] {
    const moved = this.#undo[this.#undo.length - 1]?.active.find(([which]) => which === of);
    return moved?.[1] ?? this.active(of);
  }

  /** Goes to a step; what lies outside is the first or the last one. */
  go(to: number): void {
    const target = Math.max(0, Math.min(this.last, Number.isFinite(to) ? Math.trunc(to) : 0));
    while (this.#step < target) this.#forward();
    while (this.#step > target) this.#back();
  }

  #forward(): void {
    const step = this.recording.steps[this.#step + 1];
    if (step === undefined) return;
    const active = step.moves.map((m) => [m.of, this.#active[m.of] ?? []] as const);
    for (const m of step.moves) this.#active[m.of] = m.active;
    this.#undo.push({
      view: applyView(this.#view, step.view),
      memory: applyLayers(this.#layers, step.memory ?? {}),
      active,
    });
    this.#step++;
  }

  #back(): void {
    const undo = this.#undo.pop();
    if (undo === undefined) return;
    applyView(this.#view, undo.view);
    applyLayers(this.#layers, undo.memory);
    for (const [of, active] of undo.active) this.#active[of] = active;
    this.#step--;
  }

  /** What the step that led here changed, field by field. */
  changes(): FieldChange[] {
    const step = this.recording.steps[this.#step];
    const undo = this.#undo[this.#undo.length - 1];
    if (step === undefined || undo === undefined) return [];
    const all: FieldChange[] = [];
    for (const [name, rows] of Object.entries(step.view) as [
      TableName,
      Record<string, RowChange | null>,
    ][])
      for (const [row, change] of Object.entries(rows)) {
        const was = undo.view[name]?.[row] ?? null;
        const fields = Object.keys(change ?? was ?? {});
        for (const field of fields)
          all.push({
            table: name,
            row,
            field,
            before: was?.[field] ?? null,
            after: change?.[field] ?? null,
          });
      }
    return all;
  }
}

/** Names with numbers in them in the order that people expect: "d2" before "d10". */
const COLLATOR = new Intl.Collator('en', { numeric: true });
export const byName = (a: string, b: string): number => COLLATOR.compare(a, b);

/** The rows of a table, sorted by name. */
export const sortedRows = (table: Readonly<Record<string, Row>>): [string, Row][] =>
  Object.entries(table).sort(([a], [b]) => byName(a, b));
