/**
 * What the specification says besides the records: text, in which every
 * number comes from the codec.
 */
import { hex } from '../framing/errors.ts';
import {
  REC_LENGTH_MAX,
  REC_TYPE_LIVE_UPDATE,
  REC_TYPE_OPTIONAL,
  RECORD_HEADER_BYTES,
} from '../framing/record.ts';
import { FRAME_LIMIT } from '../records/fields.ts';
import { RECORD_TYPE } from '../records/types.ts';
import { bullet, paragraph } from './wrap.ts';

const MIB = 2 ** 20;

const section = (title: string, ...blocks: readonly string[]): string =>
  [`## ${title}`, ...blocks].join('\n\n');

const bullets = (...items: readonly string[]): string => items.map(bullet).join('\n');

export const PURPOSE = section(
  'Purpose',
  paragraph(
    'In a Live Update one Xen, xen#1, is replaced by another, xen#2, while the memory of the ' +
      'domains stays where it is. This stream is all that xen#2 learns of what xen#1 knew: ' +
      'which domains there are, which pages are theirs, and what of their state lies in no ' +
      'memory of theirs. xen#1 writes it when every domain is parked, leaves it in pages ' +
      'outside the live-update bootmem, and jumps; xen#2 maps it whole before it allocates ' +
      'anything elsewhere (R26, R30 to R32).',
  ),
  paragraph('Either Xen may be the newer one (R9). Therefore the stream holds:'),
  bullets(
    'no dump of a structure of the hypervisor, but the least from which a domain can be made ' +
      'again by the means that any Xen has (R19);',
    'no reference counts: xen#2 counts anew what refers to a page, since versions count ' +
      'differently (R20);',
    'no pointers and no other domain except by its domid (R17);',
    'nothing that guests have in their own memory: page tables, shared_info, grant entries, ' +
      'event words, IOREQ slots. It stays in place (R6).',
  ),
);

export const CONVENTIONS = section(
  'Conventions',
  bullets(
    'Numbers are little-endian and unsigned, except in the image header and where `i64` says ' +
      "two's complement.",
    'Fields follow one another without any padding. A body has no alignment of its own; ' +
      'every record begins at a multiple of 8 octets.',
    `A frame is a machine frame number in units of 4 KiB, below ${hex(FRAME_LIMIT)}. Times are ` +
      'nanoseconds, of the system time that SYSTEM_TIME states unless said otherwise.',
    'Diagrams have eight octets a row. What has no fixed length is drawn over the whole width, ' +
      'and the field behind it from column 0 on, although it begins at the very next octet. ' +
      'Dots are the rest of a field that two rows share.',
    'A field with a question mark is one octet: 1 when the field of that name follows, 0 when ' +
      'there is none, and then the next field follows.',
    'In tables, offsets are in octets from the start of the body, or of the item of a list; ' +
      'a dash means that it varies. `kind(x).field` exists where `kind` is x.',
    'Values of an enumeration or a union that are not listed are refused, and so are flags ' +
      'without a name that are set.',
    'The form has all 64 bits of a `u64`. The reader and the writer of this project hold numbers ' +
      'below 2^53, and refuse others by name.',
    'Ids such as R20, F10.3, S47 and rule numbers of section 11 are those of the facts on ' +
      'which the model rests (see model.md): requirements, facts of the source, surprises, and ' +
      'what must come before what.',
  ),
);

export const LAYOUT_RULES = bullets(
  'LU_VERSION is the first record. Every record about the system as a whole comes before the ' +
    'first domain, and those that are always there must have come by then.',
  "A domain's records stand between its DOMAIN and its END_OF_DOMAIN. Blocks are not nested, " +
    'and a domid has one block only. The order of the blocks carries no meaning.',
  'Within a block, and among the system-wide records, a record is there at most once; a record ' +
    'of a vCPU at most once for each vCPU.',
  'VCPU records are numbered 0, 1, 2 and so on. Other records of a vCPU come after its VCPU, ' +
    'with ascending numbers.',
  'What a record needs before it, its section says. Between records that are not so bound, any ' +
    'order is right; a reader may keep a block as a whole and take the records as it wants.',
  'A stream ends with END, of which all octets are zero. In memory the rest of its last page ' +
    'is filled with octets 0xff, and the reader crashes if it is not: the stream was longer. ' +
    'Behind END in a file nothing is looked at.',
);

export const RECORD_RULES = [
  paragraph(
    `A record is a header of ${RECORD_HEADER_BYTES} octets, the body, and zeroes up to the next ` +
      'multiple of 8. The length counts the body alone. This is the record of the libxc ' +
      'migration stream (F10.3).',
  ),
  bullets(
    `A type below ${hex(REC_TYPE_OPTIONAL)} is mandatory: a reader that does not know it must ` +
      'refuse the stream. One with bit 31 set is optional, and is passed over by a reader that ' +
      'does not know it.',
    `Bit 30 (${hex(REC_TYPE_LIVE_UPDATE)}) marks records of Live Update (F1.13). Three records ` +
      'are those of the libxc stream, under its numbers and with its meaning: ' +
      `END (${hex(RECORD_TYPE.END)}), X86_TSC_INFO (${hex(RECORD_TYPE.X86_TSC_INFO)}) and ` +
      `HVM_PARAMS (${hex(RECORD_TYPE.HVM_PARAMS)}).`,
    `A body of more than ${REC_LENGTH_MAX / MIB} MiB is refused, by a writer as by a reader. So ` +
      'is padding that is not zero.',
    'A body holds exactly its fields. Too few octets or one too many: refused.',
  ),
] as const;

export const COMPATIBILITY = section(
  'Versions and compatibility',
  paragraph(
    'The stream is an ABI between any two versions that agree on this document (R52). ' +
      'What a record says depends on its number alone, never on the version in LU_VERSION: ' +
      'that one is for messages, and for knowing a writer with a known fault.',
  ),
  bullets(
    'A record never changes. A field that must be added, widened or understood in another way ' +
      'makes a new record with a new number; its values follow their table for ever.',
    'A number once given is not given again, also when its record is no longer written.',
    'A newer writer gives a record bit 31 only when a domain that loses it is still whole. ' +
      'Everything else is mandatory, so that an older xen#2 refuses instead of losing it.',
    'xen#1 should know before the jump what xen#2 understands: a refusal is harmless before ' +
      'the point of no return and the end of the host behind it.',
    'A newer reader goes on reading the old record where there is a new one, as long as ' +
      'updates from versions that write it are supported.',
    'Reserved octets are zero when written and ignored when read. A meaning given to them ' +
      'later must be one that old readers may miss.',
    'Limits of a Xen (numbers of ports, frames, vCPUs) are not limits of the form. A reader ' +
      'whose own are lower refuses by name what it cannot hold; it never cuts.',
    'A reader trusts lengths and counts no further than the octets that are there: a count is ' +
      'held against what is left of its record before memory is taken for it.',
  ),
);

export const COMPANIONS = section(
  'Other forms of this document',
  paragraph(
    'liveupdate-stream.ksy describes the same stream for Kaitai Struct, names in lower case ' +
      'with underscores. It knows forms, not order: a stream that it reads may still break the ' +
      'rules above. `xen-lu vectors DIR` writes hosts, their streams, and the hosts that come ' +
      'of them; `xen-lu lint STREAM` names the first rule that a stream breaks.',
  ),
);
