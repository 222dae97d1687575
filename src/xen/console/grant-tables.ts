/** Reads the `g` dump: the active grants of every domain. */
import type { DomainReading, GrantReading, GrantTableReading } from '../capture/reading.ts';
import { type Order, settleAscending, straightened } from './ascending.ts';
import type { Dump } from './dumps.ts';
import { type Elsewhere, elsewhereKey } from './elsewhere.ts';
import { resembled } from './form.ts';
import {
  type Judgement,
  type LineReadings,
  noJudgement,
  readingsOf,
  settle,
} from './line-reading.ts';
import { type KeptLine, type Notes, noteContradiction, problemAt } from './notes.ts';
import { GRANT_FORMS, type GrantForm } from './section-forms.ts';
import { big, dec, hex } from './values.ts';

type GrantLine = LineReadings<GrantForm>;

/** What a g dump is read against. */
export interface GrantContext {
  readonly domains: readonly DomainReading[];
  readonly elsewhere: Elsewhere;
  /** First frame above all memory, if known. */
  readonly topFrame: number;
  readonly notes: Notes;
}

/** Entries of a frame: 8 bytes each in version 1, 16 in version 2. */
const entriesPerFrame = (version: number): number => (version === 2 ? 256 : 512);

interface Table {
  readonly head: KeptLine;
  readonly granter: number;
  readonly version: number;
  sizes: readonly [number, number, number, number] | undefined;
  readonly rows: GrantLine[];
}

/** The grant tables in the order printed. Problems go to the notes. */
export const readGrantTables = (dump: Dump, context: GrantContext): readonly GrantTableReading[] =>
  tablesOf(dump, context).flatMap((table) => {
    const read = readTable(table, context);
    return read === undefined ? [] : [read];
  });

const tablesOf = (dump: Dump, { domains, notes }: GrantContext): readonly Table[] => {
  const tables: Table[] = [];
  for (const line of dump.lines) {
    const readings = readingsOf(GRANT_FORMS, line, notes);
    const table = tables.at(-1);
    if (isRow(readings)) {
      table?.rows.push(readings);
      if (table === undefined) noTable(line, notes);
      continue;
    }
    const granters = new Set(tables.map(({ granter }) => granter));
    const judge: Judgement<GrantForm> = {
      ...noJudgement,
      sound: ({ form, values }) =>
        form.name === 'table'
          ? isNext(dec(values, 0), domains, granters) && [1, 2].includes(dec(values, 1))
          : form.name !== 'sizes' ||
            (dec(values, 0) <= dec(values, 1) && dec(values, 2) <= dec(values, 3)),
    };
    const match = settle(readings, judge, GRANT_FORMS, notes);
    if (match?.form.name === 'table') {
      const [granter, version] = [dec(match.values, 0), dec(match.values, 1)];
      tables.push({ head: line, granter, version, sizes: undefined, rows: [] });
    } else if (match?.form.name === 'sizes') {
      const { values } = match;
      if (table === undefined) noTable(line, notes);
      else table.sizes = [dec(values, 0), dec(values, 1), dec(values, 2), dec(values, 3)];
    } else if (match?.form.name === 'row') {
      table?.rows.push(readings);
    }
  }
  return tables;
};

/** Whether a line, sound or damaged, stands for a grant. */
const isRow = ({ exact, line }: GrantLine): boolean =>
  exact === undefined
    ? /^[^a-z]{0,3}0?x?\w+\]/.test(line.text) &&
      !resembled(GRANT_FORMS, line.text).some(({ name }) => name === 'columns')
    : exact.form.name === 'row';

/** Every domain of the q dump has one table, in the same order. */
const isNext = (
  granter: number,
  domains: readonly DomainReading[],
  seen: ReadonlySet<number>,
): boolean =>
  !seen.has(granter) && (domains.length === 0 || domains.some(({ domid }) => domid === granter));

const noTable = (line: KeptLine, notes: Notes): void => {
  notes.problems.push(
    problemAt(
      line,
      'a grant entry before any "grant-table for remote dN" line',
      'a line of the dump is missing: dump key g again (xl debug-keys g; xl dmesg)',
    ),
  );
};

const readTable = (table: Table, context: GrantContext): GrantTableReading | undefined => {
  const { domains, elsewhere, topFrame, notes } = context;
  const { head, granter, version, sizes } = table;
  if (sizes === undefined) {
    notes.problems.push(
      problemAt(
        head,
        `no readable "N frames (N max), ..." line for the grant table of d${granter}`,
        'dump key g again (xl debug-keys g; xl dmesg)',
      ),
    );
    return undefined;
  }
  const [frames, maxFrames, maptrackFrames, maxMaptrackFrames] = sizes;
  const capacity = frames * entriesPerFrame(version);
  const owner = domains.find(({ domid }) => domid === granter);
  const sameFrame = owner !== undefined && !(owner.paging ?? []).includes('translate');
  const exists = (domid: number): boolean =>
    domains.length === 0 || domains.some((domain) => domain.domid === domid);
  const order: Order<GrantForm> = {
    idOf: ({ values }) => hex(values, 0),
    sound: ({ form, values }) =>
      form.name === 'row' &&
      hex(values, 0) < capacity &&
      exists(dec(values, 1)) &&
      hex(values, 2) < topFrame &&
      hex(values, 3) !== 0 &&
      dec(values, 4) < 0x8000,
    agrees: ({ values }) =>
      sharedAgrees(values, sameFrame) && statusAgrees(hex(values, 6), hex(values, 3)),
    elsewhere: ({ text }) => elsewhere.has(elsewhereKey('g', granter, text)),
  };
  const matches = settleAscending(
    straightened(table.rows, order, notes),
    order,
    GRANT_FORMS,
    notes,
  );
  const entries = matches.flatMap((match, index): GrantReading[] => {
    const line = table.rows[index]?.line;
    if (match === undefined || line === undefined) return [];
    const { values } = match;
    if (!sharedAgrees(values, sameFrame)) noteShared(line, granter, values, notes);
    return [
      {
        file: line.file,
        line: line.line,
        ref: hex(values, 0),
        grantee: dec(values, 1),
        mfn: hex(values, 2),
        pin: hex(values, 3),
        sharedGrantee: dec(values, 4),
        sharedFrame: big(values, 5),
        status: hex(values, 6),
      },
    ];
  });
  const { file, line } = head;
  return {
    file,
    line,
    granter,
    version,
    frames,
    maxFrames,
    maptrackFrames,
    maxMaptrackFrames,
    entries,
  };
};

/** The shared entry is the granter's own and normally as when mapped. */
const sharedAgrees = (values: readonly string[], sameFrame: boolean): boolean =>
  dec(values, 1) === dec(values, 4) && (!sameFrame || BigInt(hex(values, 2)) === big(values, 5));

const READING = 0x08;
const WRITING = 0x10;
/** Sub-page and transitive grants exist in version 2, whose flags are not shown. */
const NO_STATUS = ~0xff;
/** The two of the four counters that count writable mappings. */
const WRITE_PINS = 0x00ff00ff;

/** Xen marks a mapped grant as being read, and written if it is. */
const statusAgrees = (status: number, pin: number): boolean =>
  (status & NO_STATUS) === 0 &&
  (status & READING) !== 0 &&
  ((pin & WRITE_PINS) === 0 || (status & WRITING) !== 0);

const noteShared = (
  line: KeptLine,
  granter: number,
  values: readonly string[],
  notes: Notes,
): void => {
  const ref = `0x${values[0] ?? ''}`;
  const active = `d${values[1] ?? ''} mfn 0x${values[2] ?? ''}`;
  const shared = `d${values[4] ?? ''} frame 0x${values[5] ?? ''}`;
  const what = `grant ${ref} of d${granter}: active entry says ${active}, shared entry ${shared}`;
  noteContradiction(notes, what, line);
};
