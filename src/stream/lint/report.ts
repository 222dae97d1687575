/** What a linter found, as a plain value that JSON can carry. */
import type { ByteCursor } from '../framing/byte-source.ts';
import { hex } from '../framing/errors.ts';
import { isOptionalType, type RecordHeader } from '../framing/record.ts';
import type { Finding, PlacedFinding } from './finding.ts';
import type { OpenFormat, RecordRule } from './format.ts';
import type { StreamSink, WalkEnd } from './walk.ts';

/** One line of the listing: a header, or records of one type in a row. */
export interface LintEntry {
  readonly kind: 'header' | 'record';
  readonly layer: string;
  /** The record's name, or its type in hexadecimal when it is not known. */
  readonly name: string;
  /** Type of the record; 0 for a header. */
  readonly type: number;
  /** Byte offset of the first of them. */
  readonly offset: number;
  /** Bytes of body, without padding; the sum when there are several. */
  readonly length: number;
  /** Records in a row that this line stands for. */
  readonly count: number;
  /** What the header or the body says. */
  readonly notes: readonly string[];
}

export interface LintReport {
  /** Name of the outermost format; `unknown` when none was recognised. */
  readonly format: string;
  /** Bytes gone through. */
  readonly bytes: number;
  /** Whether the walk reached the stream's end. */
  readonly end: WalkEnd;
  readonly entries: readonly LintEntry[];
  /** Lines left out of `entries` for want of room. */
  readonly entriesLeftOut: number;
  readonly findings: readonly PlacedFinding[];
  /** Findings left out of `findings` for want of room. */
  readonly findingsLeftOut: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

/** Most lines and most findings kept, so that memory has a bound. */
const REPORT_LIMIT = 10_000;

type Growing = { -readonly [K in keyof LintEntry]: LintEntry[K] };

/** Gathers a report while a stream is walked. */
export class ReportSink implements StreamSink {
  readonly #entries: Growing[] = [];
  readonly #findings: PlacedFinding[] = [];
  readonly #counts = { error: 0, warning: 0, note: 0 };
  #entriesLeftOut = 0;
  #last: Growing | undefined;

  header = (layer: string, offset: number, open: OpenFormat): void => {
    this.#keep({
      kind: 'header',
      layer,
      name: 'header',
      type: 0,
      offset,
      length: 0,
      count: 1,
      notes: open.heading,
    });
  };

  finding = (layer: string, record: string, finding: Finding): boolean => {
    this.#counts[finding.severity] += 1;
    if (this.#findings.length < REPORT_LIMIT) this.#findings.push({ ...finding, layer, record });
    return true;
  };

  record = (
    layer: string,
    header: RecordHeader,
    rule: RecordRule | undefined,
    notes: readonly string[],
  ): void => {
    const last = this.#last;
    const { type, offset, length } = header;
    if (rule?.squash === true && last?.layer === layer && last.type === type) {
      last.count += 1;
      last.length += length;
      return;
    }
    const name = rule?.name ?? `${isOptionalType(type) ? 'optional' : 'mandatory'} ${hex(type, 8)}`;
    this.#keep({ kind: 'record', layer, name, type, offset, length, count: 1, notes });
  };

  /** The report so far. `format` is the outermost format's name. */
  report(format: string, cursor: ByteCursor, end: WalkEnd): LintReport {
    const { error, warning, note } = this.#counts;
    return {
      format,
      bytes: cursor.offset,
      end,
      entries: this.#entries,
      entriesLeftOut: this.#entriesLeftOut,
      findings: this.#findings,
      findingsLeftOut: error + warning + note - this.#findings.length,
      errors: error,
      warnings: warning,
      notes: note,
    };
  }

  #keep(entry: Growing): void {
    this.#last = entry;
    if (this.#entries.length < REPORT_LIMIT) this.#entries.push(entry);
    else this.#entriesLeftOut += 1;
  }
}
