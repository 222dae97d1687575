/**
 * The shape of a kind of stream, as data: its header and the rules of its
 * records. libxl, libxc and Live Update streams are values of `Format`, so
 * one walker serves them all.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { Endian } from '../framing/errors.ts';
import type { StreamRecord } from '../framing/record.ts';
import type { Finding, Judgement, Severity } from './finding.ts';

/** Where a body lies and how to read it. */
export interface BodyContext {
  /** Offset in the stream of the body's first byte. */
  readonly offset: number;
  /** Bytes of body, without padding. */
  readonly length: number;
  readonly little: boolean;
}

/** Items of equal size behind a list that says which they are (PAGE_DATA). */
export interface ListedBody {
  readonly kind: 'listed';
  /** Bytes at the start of the body that tell how long the list is. */
  readonly headBytes: number;
  readonly itemBytes: number;
  /** Bytes of list behind the head. */
  readonly listBytes: (head: DataView, little: boolean) => number;
  /** `items` is how many items follow, for a body whose length agrees. */
  readonly judge: (
    head: DataView,
    list: DataView,
    context: BodyContext,
  ) => Judgement & { readonly items: number };
}

/** How a body is gone through. */
export type BodyRule =
  /** Passed over without being held. */
  | { readonly kind: 'opaque' }
  /** Held as a whole, then judged; `maxLength` bounds what is held. */
  | { readonly kind: 'whole'; readonly judge: (body: DataView, context: BodyContext) => Judgement }
  | ListedBody;

/** What a record does to the walk. */
type Flow =
  /** Ends its layer. */
  | { readonly kind: 'end' }
  /** The bytes behind it belong to another format, until that one ends. */
  | { readonly kind: 'enter'; readonly format: Format }
  /** Hands back to the format around it, if there is one; may be resumed. */
  | { readonly kind: 'yield' }
  /** Hands on to the format that yielded, without a header. */
  | { readonly kind: 'resume' };

export interface RecordRule {
  /** As the format's specification spells it. */
  readonly name: string;
  /** Bytes of body, least and most, both lawful. */
  readonly minLength: number;
  readonly maxLength: number;
  /** The body's length is a multiple of this, when given. */
  readonly lengthUnit?: number;
  /** Fact that gives the lengths; default F10.3. */
  readonly lengthFact?: string;
  readonly body: BodyRule;
  readonly flow?: Flow;
  /** Types of which each must have been seen before this one. */
  readonly needs?: readonly number[];
  /** Types after which this one must not come. */
  readonly notAfter?: readonly number[];
  /** At most one, until forgotten. */
  readonly once?: boolean;
  /** Fact that gives the order; default F10.5. */
  readonly orderFact?: string;
  /** Records in a row are reported as one. */
  readonly squash?: boolean;
  /**
   * Types that count as not seen from here on: what belongs to one domain
   * when the next begins, or what a checkpoint lets come round again.
   */
  readonly forgets?: readonly number[];
  /** Said of every record of this type, as for deprecated ones. */
  readonly remark?: Omit<Finding, 'offset'>;
}

/** A format whose header has been read. */
export interface OpenFormat {
  readonly endian: Endian;
  /** What the header says, line by line. */
  readonly heading: readonly string[];
  readonly findings: readonly Finding[];
  readonly records: ReadonlyMap<number, RecordRule>;
  /** Types that a stream of this format cannot be without. */
  readonly required: readonly number[];
  /** What padding that is not zero is; default a warning (F10.3). */
  readonly padding?: Severity;
  /** What bytes behind the END of a whole stream are; default an error. */
  readonly behindEnd?: Severity;
  /** Longest body of any record; default `REC_LENGTH_MAX`. */
  readonly lengthLimit?: number;
  /**
   * A format that has no records of its own: `skip` bytes behind the header
   * lies a stream of another one.
   */
  readonly wraps?: { readonly skip: number; readonly format: Format };
  /** Rules that need more than order: called with every record in turn. */
  readonly watch?: (record: StreamRecord) => readonly Finding[];
}

/** Bytes by which formats are told apart. */
export const SNIFF_BYTES = 32;
/** Fewer bytes than this are no stream of any format. */
export const LEAST_BYTES = 16;

export interface Format {
  /** As reports call the layer: `libxl`, `libxc`, `LU`. */
  readonly name: string;
  readonly headerBytes: number;
  /**
   * Whether a stream that begins like this is one of these. `first` is
   * `SNIFF_BYTES` long; shorter, but `LEAST_BYTES` at least, when the stream
   * is.
   */
  readonly recognises: (first: Uint8Array) => boolean;
  /** Reads the header, which lies at `offset`. `Left`: no going on. */
  readonly open: (header: Uint8Array, offset: number) => E.Either<Finding, OpenFormat>;
}
