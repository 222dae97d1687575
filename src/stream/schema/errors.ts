/** What can be wrong with the body of a record, encoding and decoding alike. */

export type SchemaErrorKind =
  /** The bytes end before the field does. */
  | 'short'
  /** A number outside what the field can hold, or outside its meaning. */
  | 'range'
  /** A byte or name that the field has no meaning for. */
  | 'value'
  /** A count or length that the rest of the body cannot hold, or above the field's own limit. */
  | 'length'
  /** Text that is not well-formed UTF-8, or not well-formed UTF-16 to be encoded. */
  | 'text'
  /** Bytes left over behind the last field. */
  | 'trailing';

export interface SchemaError {
  readonly kind: SchemaErrorKind;
  /** Bytes from the start of the body; when encoding, where the field would have begun. */
  readonly offset: number;
  /** `entries[3].frame`; empty for the body as a whole. */
  readonly path: string;
  /** What was asked of the field, in words. */
  readonly rule: string;
}

/**
 * The first failure of an encoding or decoding. The path is gathered on the
 * way out, from the innermost name to the outermost, so that nothing is
 * spent on it as long as all goes well.
 */
export class Failure {
  readonly kind: SchemaErrorKind;
  readonly offset: number;
  readonly rule: string;
  readonly #steps: (string | number)[] = [];

  constructor(kind: SchemaErrorKind, offset: number, rule: string) {
    this.kind = kind;
    this.offset = offset;
    this.rule = rule;
  }

  within(step: string | number): void {
    this.#steps.push(step);
  }

  toError(): SchemaError {
    let path = '';
    for (const step of this.#steps.toReversed())
      path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return { kind: this.kind, offset: this.offset, path, rule: this.rule };
  }
}

/** One line for people: `entries[3].frame at byte 40: a frame below 2^28`. */
export const describeSchemaError = (e: SchemaError): string =>
  `${e.path === '' ? 'body' : e.path} at byte ${e.offset}: wanted ${e.rule}`;
