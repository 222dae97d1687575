/** Tables of fields: where each is, how long, and what it may hold. */
import { type LayoutRow, layoutOf, type Shape } from '../schema/shape.ts';
import { inWords } from './words.ts';
import { COLUMNS, wrap } from './wrap.ts';

/** The fields of a body, or of what one of its lists repeats. */
export interface FieldGroup {
  /** `servers[].vcpus[]`, or empty for the body itself. */
  readonly of: string;
  readonly rows: readonly LayoutRow[];
}

/** The innermost list item that a row is a field of: `a[].b[].c` is one of `a[].b[]`. */
const groupOf = (path: string): string => {
  const end = path.lastIndexOf('[].');
  return end < 0 ? '' : path.slice(0, end + 2);
};

/** Rows by the list item that they belong to, with paths from there. */
export const fieldGroups = (shape: Shape): readonly FieldGroup[] => {
  const groups = new Map<string, LayoutRow[]>();
  for (const row of layoutOf(shape)) {
    const of = groupOf(row.path);
    const path = of === '' ? row.path : row.path.slice(of.length + 1);
    groups.set(of, [...(groups.get(of) ?? []), { ...row, path }]);
  }
  return [...groups].map(([of, rows]) => ({ of, rows }));
};

const nameOf = ({ path, shape }: LayoutRow): string =>
  shape.kind === 'nullable' ? `${path}?` : path;

const offsetOf = ({ path, offset }: LayoutRow): string => {
  if (path.endsWith('[]')) return 'each';
  return offset === null ? '-' : String(offset);
};

const OFFSET = 6;
const OCTETS = 6;

/** Lines of one table, at most 75 columns. An offset that varies is a dash. */
export const fieldTable = (rows: readonly LayoutRow[]): string[] => {
  const name = Math.max(5, ...rows.map((row) => nameOf(row).length));
  const values = COLUMNS - OFFSET - OCTETS - name - 6;
  const line = (offset: string, octets: string, field: string, value: string): string =>
    [offset.padStart(OFFSET), octets.padStart(OCTETS), field.padEnd(name), value]
      .join('  ')
      .trimEnd();
  return [
    line('offset', 'octets', 'field', 'value'),
    line('-'.repeat(OFFSET), '-'.repeat(OCTETS), '-'.repeat(name), '-'.repeat(values)),
    ...rows.flatMap((row) =>
      wrap(inWords(row.shape), values).map((part, i) =>
        i === 0
          ? line(offsetOf(row), row.bytes === null ? '-' : String(row.bytes), nameOf(row), part)
          : line('', '', '', part),
      ),
    ),
  ];
};

/** A condition on a value beyond its form, and which value. */
export interface Condition {
  readonly path: string;
  readonly rule: string;
}

/** Every condition in a shape, outer before inner. */
export const conditionsOf = (shape: Shape, path = ''): readonly Condition[] => {
  const inside = (fields: readonly { name: string; shape: Shape }[], at: string): Condition[] =>
    fields.flatMap((f) => [...conditionsOf(f.shape, at === '' ? f.name : `${at}.${f.name}`)]);
  switch (shape.kind) {
    case 'checked':
      return [{ path, rule: shape.rule }, ...conditionsOf(shape.item, path)];
    case 'struct':
      return inside(shape.fields, path);
    case 'list':
      return conditionsOf(shape.item, `${path}[]`);
    case 'nullable':
    case 'padded':
      return conditionsOf(shape.item, path);
    case 'tagged':
      return shape.cases.flatMap((c) => inside(c.fields, `${path}(${c.name})`));
    default:
      return [];
  }
};
