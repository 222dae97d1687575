/** The two headers of a stream as tables: they are framing, so no schema describes them. */
import { hex } from '../framing/errors.ts';
import { IMAGE_ID, IMAGE_MARKER } from '../framing/headers.ts';
import { REC_LENGTH_MAX } from '../framing/record.ts';
import { IMAGE_VERSION } from '../records/types.ts';

export interface HeaderField {
  readonly name: string;
  readonly octets: number;
  readonly value: string;
}

/** In big-endian order, unlike all that follows (F10.1). */
export const IMAGE_HEADER: readonly HeaderField[] = [
  { name: 'marker', octets: 8, value: `${hex(IMAGE_MARKER)}` },
  { name: 'id', octets: 4, value: `${hex(IMAGE_ID)}, "XENF"` },
  { name: 'version', octets: 4, value: `${IMAGE_VERSION}` },
  { name: 'options', octets: 2, value: 'bit 0: 0, the stream is little-endian; others reserved' },
  { name: '(reserved)', octets: 2, value: '0, ignored by a reader' },
  { name: '(reserved)', octets: 4, value: '0, ignored by a reader' },
];

/** F10.3. */
export const RECORD_HEADER: readonly HeaderField[] = [
  { name: 'type', octets: 4, value: 'the number of the record' },
  { name: 'length', octets: 4, value: `octets of body, at most ${hex(REC_LENGTH_MAX)} (128 MiB)` },
];
