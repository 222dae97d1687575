/** What can be wrong with a trace file, each with the byte offset of its proof. */
import { type U64, u64Hex } from './u64.ts';

/**
 * An error of the format. `offset` counts bytes of the decompressed file.
 * After any of them reading ends: no record boundary can be told from the
 * bytes alone, so the reader does not search for the next one.
 *
 * - `no-window`: a record before the first CPU_CHANGE has no CPU.
 * - `bad-cpu-change`: not two extra words without TSC, as xentrace writes it.
 * - `cpu-out-of-range`: more CPUs than Xen can be built for.
 * - `window-misaligned`: a window that is no multiple of a word.
 * - `window-unfinished`: CPU_CHANGE inside another CPU's window.
 * - `record-over-window`: the record is longer than what is left of its window.
 * - `bad-lost-records`: LOST_RECORDS is not a TSC and four extra words.
 * - `tsc-backwards`: a CPU's own records go back in time.
 * - `disorder`: a window starts before what was already merged (see `merge.ts`).
 * - `pending-over-bound`: more bytes wait for the merge than allowed.
 * - `truncated-record`, `truncated-window`: the file ends inside one.
 * - `source`: the bytes themselves could not be had (read error, bad xz).
 */
export type TraceError =
  | { readonly code: 'no-window'; readonly offset: number; readonly event: number }
  | { readonly code: 'bad-cpu-change'; readonly offset: number; readonly header: number }
  | { readonly code: 'cpu-out-of-range'; readonly offset: number; readonly cpu: number }
  | { readonly code: 'window-misaligned'; readonly offset: number; readonly bytes: number }
  | {
      readonly code: 'window-unfinished';
      readonly offset: number;
      readonly cpu: number;
      readonly missing: number;
    }
  | {
      readonly code: 'record-over-window';
      readonly offset: number;
      readonly cpu: number;
      readonly event: number;
      readonly bytes: number;
      readonly left: number;
    }
  | { readonly code: 'bad-lost-records'; readonly offset: number; readonly header: number }
  | {
      readonly code: 'tsc-backwards';
      readonly offset: number;
      readonly cpu: number;
      readonly tsc: U64;
      readonly previous: U64;
    }
  | {
      readonly code: 'disorder';
      readonly offset: number;
      readonly cpu: number;
      readonly tsc: U64;
      readonly merged: U64;
    }
  | { readonly code: 'pending-over-bound'; readonly offset: number; readonly bound: number }
  | { readonly code: 'truncated-record'; readonly offset: number; readonly bytes: number }
  | {
      readonly code: 'truncated-window';
      readonly offset: number;
      readonly cpu: number;
      readonly missing: number;
    }
  | { readonly code: 'source'; readonly offset: number; readonly message: string };

/** Which file is wanted, and how it is made. */
export const TRACE_WANTED =
  'wanted is what xentrace writes, plain or .xz; as root in dom0, until Ctrl-C: ' +
  'xentrace -D -e all trace.bin';

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const reasonOf = (error: TraceError): readonly string[] => {
  switch (error.code) {
    case 'no-window':
      return [`record ${hex(error.event)} before the first CPU_CHANGE`];
    case 'bad-cpu-change':
      return [`CPU_CHANGE with header ${hex(error.header)}, not 0x2001f003`];
    case 'cpu-out-of-range':
      return [`CPU_CHANGE names CPU ${error.cpu}; Xen builds for 16383 at most`];
    case 'window-misaligned':
      return [`a window of ${error.bytes} bytes is no whole number of words`];
    case 'window-unfinished':
      return [
        `CPU_CHANGE inside the window of CPU ${error.cpu}:`,
        `${error.missing} of its bytes had yet to come`,
      ];
    case 'record-over-window':
      return [
        `record ${hex(error.event)} has ${error.bytes} bytes, but the window`,
        `of CPU ${error.cpu} ends after ${error.left}`,
      ];
    case 'bad-lost-records':
      return [`LOST_RECORDS with header ${hex(error.header)}, not 0xc001f001`];
    case 'tsc-backwards':
      return [
        `CPU ${error.cpu} goes back in time:`,
        `TSC ${u64Hex(error.tsc)} after ${u64Hex(error.previous)}`,
      ];
    case 'disorder':
      return [
        `the window of CPU ${error.cpu} starts at TSC ${u64Hex(error.tsc)},`,
        `but ${u64Hex(error.merged)} is merged already:`,
        'the CPUs are further apart than the rounds held back',
      ];
    case 'pending-over-bound':
      return [`more than ${error.bound} bytes wait to be merged`];
    case 'truncated-record':
      return [`the file ends inside a record, after ${error.bytes} of its bytes`];
    case 'truncated-window':
      return [
        `the file ends inside the window of CPU ${error.cpu}:`,
        `${error.missing} bytes are missing`,
      ];
    case 'source':
      return [error.message.replace(/\s+/g, ' ').slice(0, 70)];
  }
};

/** The error for people: lines of at most 75 columns, the offset first. */
export const traceErrorText = (error: TraceError): string =>
  [
    `trace: ${error.code} at byte ${error.offset}`,
    ...reasonOf(error).map((line) => `  ${line}`),
  ].join('\n');

const ANEW = 'take it anew, and copy the file when xentrace has ended';

/** What to do about an error: one sentence without its full stop. */
export const traceErrorAdvice = (error: TraceError): string => {
  switch (error.code) {
    case 'no-window':
    case 'bad-cpu-change':
    case 'cpu-out-of-range':
    case 'window-misaligned':
      return TRACE_WANTED;
    case 'window-unfinished':
    case 'record-over-window':
    case 'bad-lost-records':
      return `the file is damaged: ${ANEW}`;
    case 'truncated-record':
    case 'truncated-window':
      return `the file is cut: ${ANEW}`;
    case 'tsc-backwards':
    case 'disorder':
      return (
        'one file is one run of xentrace, on a host whose TSCs are one clock: ' +
        'take it anew with -D, into a file that is not there yet'
      );
    case 'pending-over-bound':
      return 'one CPU is silent for long: take it anew with smaller buffers (xentrace -S)';
    case 'source':
      return `give the path of such a file: ${TRACE_WANTED}`;
  }
};
