/** What changed between two views, and between two lists of runs. */
import {
  type Cell,
  type HostView,
  type Row,
  type RowChange,
  type Run,
  type RunChange,
  TABLES,
  type TableName,
  type ViewChange,
} from './recording.ts';

const changeOfRow = (before: Row, after: Row): RowChange | undefined => {
  const change: Record<string, Cell | null> = {};
  let any = false;
  for (const [field, value] of Object.entries(after))
    if (before[field] !== value) {
      change[field] = value;
      any = true;
    }
  for (const field of Object.keys(before))
    if (!(field in after)) {
      change[field] = null;
      any = true;
    }
  return any ? change : undefined;
};

/** From one view to the next. Rows that are the same object are not looked at. */
export const changeOfView = (before: HostView, after: HostView): ViewChange => {
  const change: Partial<Record<TableName, Record<string, RowChange | null>>> = {};
  const put = (table: TableName, row: string, what: RowChange | null): void => {
    change[table] ??= {};
    change[table][row] = what;
  };
  for (const table of TABLES) {
    const [a, b] = [before[table], after[table]];
    if (a === b) continue;
    for (const [name, row] of Object.entries(b)) {
      const was = a[name];
      if (was === row) continue;
      const changed = was === undefined ? row : changeOfRow(was, row);
      if (changed !== undefined) put(table, name, changed);
    }
    for (const name of Object.keys(a)) if (!(name in b)) put(table, name, null);
  }
  return change;
};

const same = (a: Run | undefined, b: Run | undefined): boolean =>
  a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

/** What lies between the runs that both lists begin and end with; null: they are equal. */
export const changeOfRuns = (before: readonly Run[], after: readonly Run[]): RunChange | null => {
  let at = 0;
  while (same(before[at], after[at])) at++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - at;
  while (tail < most && same(before[before.length - 1 - tail], after[after.length - 1 - tail]))
    tail++;
  const remove = before.length - at - tail;
  const insert = after.slice(at, after.length - tail);
  return remove === 0 && insert.length === 0 ? null : { at, remove, insert };
};
