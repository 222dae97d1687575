/**
 * What can be wrong with the frame of a stream: everything below the meaning
 * of a record's body. One union, so that a caller can match exhaustively.
 */

/** Byte order of everything in a stream except its image header (F10.1). */
export type Endian = 'little' | 'big';

/** Every offset is in bytes from the start of the whole stream. */
export type FramingError =
  /** The input ends before something that it announced. */
  | {
      readonly kind: 'truncated';
      readonly offset: number;
      readonly what: string;
      readonly wanted: number;
      readonly available: number;
    }
  /** A record header announces a body longer than the limit (F1.13). */
  | {
      readonly kind: 'record-too-long';
      readonly offset: number;
      readonly type: number;
      readonly length: number;
      readonly limit: number;
    }
  /** A byte between a body and the next multiple of 8 is not zero (F10.3). */
  | { readonly kind: 'nonzero-padding'; readonly offset: number; readonly type: number }
  /** A record that the reader does not know and may not pass over (F10.3). */
  | { readonly kind: 'unknown-mandatory'; readonly offset: number; readonly type: number }
  /** A field of the image header or the domain header (F10.1, F10.2). */
  | {
      readonly kind: 'bad-header';
      readonly offset: number;
      readonly field: string;
      readonly got: string;
      readonly expected: string;
    }
  /** The bytes could not be had: the file, pipe or decompressor failed. */
  | { readonly kind: 'source-failed'; readonly offset: number; readonly reason: string }
  /** A record that has no encoding: type or length outside its field. */
  | { readonly kind: 'unencodable'; readonly offset: number; readonly reason: string };

/** The fact that an error breaks, for reports. */
export const ruleOfFramingError = (error: FramingError): string => {
  switch (error.kind) {
    case 'record-too-long':
    case 'truncated':
    case 'unencodable':
      return 'F1.13';
    case 'nonzero-padding':
    case 'unknown-mandatory':
      return 'F10.3';
    case 'bad-header':
      return error.field.startsWith('domain ') ? 'F10.2' : 'F10.1';
    case 'source-failed':
      return 'input';
  }
};

/** `0x` and at least `digits` hexadecimal digits. */
export const hex = (value: number | bigint, digits = 1): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;

/** One line for people, without the offset (which reports print in front). */
export const describeFramingError = (error: FramingError): string => {
  switch (error.kind) {
    case 'truncated':
      return `${error.what} cut short: ${error.wanted} bytes wanted, ${error.available} left`;
    case 'record-too-long':
      return `record ${hex(error.type)} of ${error.length} bytes, limit ${error.limit}`;
    case 'nonzero-padding':
      return `padding after record ${hex(error.type)} is not zero`;
    case 'unknown-mandatory':
      return `mandatory record ${hex(error.type)} is not known`;
    case 'bad-header':
      return `${error.field} is ${error.got}, not ${error.expected}`;
    case 'source-failed':
      return `input failed: ${error.reason}`;
    case 'unencodable':
      return error.reason;
  }
};
