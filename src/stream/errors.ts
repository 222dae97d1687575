/** Everything that can be wrong with a Live Update stream, written or read. */
import type { Domid } from '../host/ids.ts';
import {
  describeFramingError,
  type FramingError,
  hex,
  ruleOfFramingError,
} from './framing/errors.ts';
import type { OrderError } from './records/order.ts';
import type { RecordName } from './records/types.ts';
import { describeSchemaError, type SchemaError } from './schema/errors.ts';

/** `offset` is in bytes from the start of the stream: of the record, or of the fault itself. */
export type StreamError =
  | { readonly kind: 'framing'; readonly offset: number; readonly error: FramingError }
  /** The body of a record does not have the form of its kind. */
  | {
      readonly kind: 'body';
      readonly offset: number;
      readonly record: RecordName;
      readonly domid: Domid | null;
      readonly error: SchemaError;
    }
  /** The record may not stand where it stands. */
  | { readonly kind: 'order'; readonly offset: number; readonly error: OrderError }
  /** The bytes end before END. */
  | { readonly kind: 'no-end'; readonly offset: number };

/** The facts that the error breaks. */
export const sourcesOfStreamError = (e: StreamError): readonly string[] => {
  switch (e.kind) {
    case 'framing':
      return [ruleOfFramingError(e.error)];
    case 'body':
      return ['F10.3'];
    case 'order':
      return e.error.sources;
    case 'no-end':
      return ['F1.13', 'F1.14'];
  }
};

/** One line for people, with the offset in front. */
export const describeStreamError = (e: StreamError): string => {
  const of = (domid: Domid | null): string => (domid === null ? '' : ` of d${domid}`);
  const what = (): string => {
    switch (e.kind) {
      case 'framing':
        return describeFramingError(e.error);
      case 'body':
        return `${e.record}${of(e.domid)}: ${describeSchemaError(e.error)}`;
      case 'order':
        return `${e.error.record}${of(e.error.domid)}: ${e.error.detail}`;
      case 'no-end':
        return 'no END record';
    }
  };
  return `${hex(e.offset)}: ${what()}`;
};
