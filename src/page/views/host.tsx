/** The host at the current step, object by object; what the step changed is marked. */
import { useState } from 'preact/hooks';
import { type Cell, type Row, TABLES, type TableName } from '../../inspect/recording/recording.ts';
import { type FieldChange, sortedRows } from '../player.ts';
import type { ViewProps } from './props.ts';

const TITLES: Readonly<Record<TableName, string>> = {
  host: 'Xen',
  domains: 'Domains',
  vcpus: 'vCPUs',
  tasklets: 'Tasklets',
  requests: 'Requests to device emulators',
  ports: 'Event channels',
  grants: 'Grants in use',
  handles: 'Mappings of grants (maptrack)',
  pages: 'Pages and their counts',
};

/** Objects of a table that are shown at once; those that changed come first. */
const SHOWN = 40;

const cellText = (c: Cell | null): string =>
  c === null ? 'none' : c === true ? 'yes' : c === false ? 'no' : String(c);

const FieldText = ({
  field,
  value,
  change,
}: {
  readonly field: string;
  readonly value: Cell | null;
  readonly change: FieldChange | undefined;
}) => (
  <span class={change === undefined ? 'field' : 'field changed'}>
    <span class="name">{field}</span>{' '}
    {change !== undefined && (
      <>
        <del>{cellText(change.before)}</del> <span aria-hidden="true">&rarr;</span>{' '}
      </>
    )}
    {change === undefined ? cellText(value) : <ins>{cellText(value)}</ins>}
  </span>
);

const ObjectText = ({
  name,
  row,
  changes,
}: {
  readonly name: string;
  readonly row: Row | null;
  readonly changes: readonly FieldChange[];
}) => {
  const isNew =
    row !== null &&
    changes.length > 0 &&
    changes.every((c) => c.before === null) &&
    changes.length === Object.keys(row).length;
  const gone = row === null;
  const fields = gone ? [] : Object.entries(row);
  const lost = gone ? [] : changes.filter((c) => c.after === null && !(c.field in row));
  return (
    <li class={`object ${gone ? 'gone' : isNew ? 'new' : changes.length > 0 ? 'touched' : ''}`}>
      <b class="object-name">{name}</b>
      {gone && <em>is gone</em>}
      {isNew && <em>is new</em>}
      {fields.map(([field, value]) => (
        <FieldText
          key={field}
          field={field}
          value={value}
          change={isNew ? undefined : changes.find((c) => c.field === field)}
        />
      ))}
      {lost.map((c) => (
        <FieldText key={c.field} field={c.field} value={null} change={c} />
      ))}
    </li>
  );
};

interface TableProps {
  readonly table: TableName;
  readonly rows: readonly (readonly [string, Row])[];
  readonly changes: ReadonlyMap<string, readonly FieldChange[]>;
}

const Table = ({ table, rows, changes }: TableProps) => {
  const [all, setAll] = useState(false);
  const there = new Set(rows.map(([name]) => name));
  const gone = [...changes.keys()].filter((name) => !there.has(name));
  const touched = rows.filter(([name]) => changes.has(name));
  const rest = rows.filter(([name]) => !changes.has(name));
  const objects: (readonly [string, Row | null])[] = [
    ...touched,
    ...gone.map((name) => [name, null] as const),
    ...rest,
  ];
  const shown = objects.slice(0, all ? SHOWN * 8 : SHOWN);
  const count = changes.size;
  return (
    <details class="table" open={count > 0 || table === 'host' || table === 'domains'}>
      <summary>
        {TITLES[table]} <small>{rows.length}</small>
        {count > 0 && <small class="changes">{count} changed</small>}
      </summary>
      <ul class="objects">
        {shown.map(([name, row]) => (
          <ObjectText key={name} name={name} row={row} changes={changes.get(name) ?? []} />
        ))}
      </ul>
      {objects.length > shown.length && (
        <p>
          {objects.length - shown.length} more, none of them changed.{' '}
          {!all && (
            <button type="button" onClick={() => setAll(true)}>
              Show more
            </button>
          )}
        </p>
      )}
    </details>
  );
};

const grouped = (changes: readonly FieldChange[]): Map<TableName, Map<string, FieldChange[]>> => {
  const tables = new Map<TableName, Map<string, FieldChange[]>>();
  for (const change of changes) {
    const rows = tables.get(change.table) ?? new Map<string, FieldChange[]>();
    tables.set(change.table, rows);
    rows.set(change.row, [...(rows.get(change.row) ?? []), change]);
  }
  return tables;
};

export const HostTables = ({ player }: ViewProps) => {
  const changes = grouped(player.changes());
  return (
    <div class="host">
      {TABLES.map((table) => {
        const rows = sortedRows(player.view[table]);
        const touched = changes.get(table) ?? new Map<string, FieldChange[]>();
        return rows.length === 0 && touched.size === 0 ? null : (
          <Table key={table} table={table} rows={rows} changes={touched} />
        );
      })}
    </div>
  );
};
