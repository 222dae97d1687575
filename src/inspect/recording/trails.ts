/** What became of the objects that offend: each step that changed one of them. */
import {
  type Cell,
  type HostView,
  type RecordedStep,
  type Row,
  type RowChange,
  TABLES,
  type TableName,
  type Trail,
} from './recording.ts';

/** Objects whose trail is told, and steps of one; what comes later is left out. */
const MAX_TRAILS = 8;
const MAX_STEPS = 60;

const NAMES = /\bd\d+ (?:port \d+|grant 0x[0-9a-f]+|handle \d+)|\bd\d+v\d+|\bd\d+\b/g;

/** Names of objects in texts, in the order of their coming. */
export const namesIn = (texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => text.match(NAMES) ?? [])),
];

const cellText = (c: Cell | null | undefined): string =>
  c === null || c === undefined ? '-' : c === true ? 'yes' : c === false ? 'no' : String(c);

const changeText = (was: Row | undefined, change: RowChange | null): string => {
  if (change === null) return 'is gone';
  if (was === undefined)
    return `is there: ${Object.entries(change)
      .map(([field, value]) => `${field} ${cellText(value)}`)
      .join(', ')}`;
  return Object.entries(change)
    .map(([field, value]) => `${field}: ${cellText(was[field])} -> ${cellText(value)}`)
    .join(', ');
};

const applied = (was: Row | undefined, change: RowChange): Row => {
  const row: Record<string, Cell> = { ...was };
  for (const [field, value] of Object.entries(change))
    if (value === null) delete row[field];
    else row[field] = value;
  return row;
};

const trailOf = (
  table: TableName,
  name: string,
  start: HostView,
  steps: readonly RecordedStep[],
): Trail => {
  let row: Row | undefined = start[table][name];
  const told: { step: number; text: string }[] =
    row === undefined ? [] : [{ step: 0, text: changeText(undefined, row) }];
  for (const [n, step] of steps.entries()) {
    const change = step.view[table]?.[name];
    if (change === undefined) continue;
    if (told.length < MAX_STEPS) told.push({ step: n, text: changeText(row, change) });
    row = change === null ? undefined : applied(row, change);
  }
  return { table, row: name, steps: told };
};

/** The rows that a name stands for: itself, and a vCPU's slots with its emulators. */
const rowsOf = (
  name: string,
  start: HostView,
  steps: readonly RecordedStep[],
): (readonly [TableName, string])[] => {
  const matches = (row: string): boolean => row === name || row.startsWith(`${name} server `);
  return TABLES.filter((table) => table !== 'pages').flatMap((table) => {
    const rows = new Set(Object.keys(start[table]).filter(matches));
    for (const step of steps)
      for (const row of Object.keys(step.view[table] ?? {})) if (matches(row)) rows.add(row);
    return [...rows].map((row) => [table, row] as const);
  });
};

/** The trails of the objects that the texts name, most specific first. */
export const trailsOf = (
  texts: readonly string[],
  start: HostView,
  steps: readonly RecordedStep[],
): Trail[] =>
  namesIn(texts)
    .sort((a, b) => b.length - a.length)
    .flatMap((name) => rowsOf(name, start, steps))
    .slice(0, MAX_TRAILS)
    .map(([table, row]) => trailOf(table, row, start, steps))
    .filter((trail) => trail.steps.length > 0);
